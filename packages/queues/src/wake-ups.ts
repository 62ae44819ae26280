import type { RedisClient } from "@triggers/runtime";

/**
 * Tells gateways that something changed for an organization: events were committed up to `position`, or, without one,
 * a key of it changed. Published, never stored: a message may be lost, so nothing may depend on it alone.
 */
export interface WakeUp {
  organizationId: string;
  /** The feed's last position after the commit. */
  position?: number;
}

/** Returns at once and never throws: whoever announces must not wait for who listens. */
export type PublishWakeUps = (wakeUps: readonly WakeUp[]) => void;

const channelOf = (prefix: string) => `${prefix}:wake-ups`;

export function createWakeUpPublisher(redis: RedisClient, prefix: string): PublishWakeUps {
  return (wakeUps) => {
    if (wakeUps.length === 0) return;
    redis.publish(channelOf(prefix), encodeWakeUps(wakeUps)).catch(() => undefined);
  };
}

export interface WakeUpSubscription {
  /** While it is false, messages are lost. */
  isOn(): boolean;
  close(): void;
}

/** Listens for ever on a connection of its own; `onRestored` says that messages may have been lost before it. */
export function subscribeToWakeUps(
  redis: RedisClient,
  prefix: string,
  { onWakeUps, onRestored }: { onWakeUps: (wakeUps: WakeUp[]) => void; onRestored: () => void },
): WakeUpSubscription {
  let isOn = false;
  const subscribe = () => {
    redis.subscribe(channelOf(prefix)).then(
      () => {
        isOn = true;
        onRestored();
      },
      // The connection was lost meanwhile: the next one subscribes.
      () => undefined,
    );
  };
  redis.on("ready", subscribe);
  redis.on("close", () => (isOn = false));
  // A Cluster's client listens to one node: when that goes, it turns to another without a word.
  redis.on("-node", () => isOn && onRestored());
  redis.on("message", (_channel: string, text: string) => onWakeUps(decodeWakeUps(text)));
  return { isOn: () => isOn, close: () => redis.disconnect() };
}

/** One message for a whole batch: `<organization id>=<position>`, or the id alone, separated by commas. */
export function encodeWakeUps(wakeUps: readonly WakeUp[]): string {
  return wakeUps
    .map(({ organizationId, position }) =>
      position === undefined ? organizationId : `${organizationId}=${position}`,
    )
    .join(",");
}

export function decodeWakeUps(text: string): WakeUp[] {
  return text.split(",").map((part) => {
    const [organizationId = "", digits] = part.split("=");
    const position = Number(digits);
    return digits !== undefined && Number.isSafeInteger(position)
      ? { organizationId, position }
      : { organizationId };
  });
}
