import { electLeader, type LeaderElection } from "@triggers/db";
import { type RetentionDeps, startRetention } from "./retention/start-retention.ts";
import { startSweeper, type SweeperDeps } from "./sweep/sweeper.ts";

/** Work that one worker does for the whole fleet: what is overdue comes back, what is too old goes. */
export function leadFleet(options: {
  databaseUrl: string;
  /** One fleet: the workers that share a database and a prefix. */
  prefix: string;
  sweeper: SweeperDeps;
  retention: RetentionDeps;
  onLeading: (isLeader: boolean) => void;
  onError: (error: unknown) => void;
}): LeaderElection {
  return electLeader({
    url: options.databaseUrl,
    applicationName: "triggers-worker",
    lockName: `sweeper of ${options.prefix}`,
    onElected: () => {
      options.onLeading(true);
      const stops = [startSweeper(options.sweeper), startRetention(options.retention)];
      return async () => {
        options.onLeading(false);
        await Promise.all(stops.map((stop) => stop()));
      };
    },
    onError: options.onError,
  });
}
