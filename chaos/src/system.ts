/**
 * All that the harness knows of the system under test. Another event system can be put behind it: the scenarios, the
 * load and the judgement use nothing else. README.md says what each part must do.
 */
export interface EventSystem {
  /** An account of its own; when a webhook is given, every one of its events goes there. */
  createClient(webhook?: Webhook): Promise<Client>;
  /** One attempt over the network at this gateway. Never throws. */
  publish(client: Client, event: NumberedEvent, gateway: Part): Promise<PublishAnswer>;
  /** These bytes where an event's go, with these headers over those of a good request. The status, or what broke. */
  sendRaw(client: Client, headers: Record<string, string>, body: Buffer, gateway: Part): Promise<string>;
  /** The client's events in the durable store itself, whatever the API would say. */
  stored(client: Client): Promise<StoredEvent[]>;
  /** The next events in the order of the consumers' reading API, and where to go on. */
  list(client: Client, cursor: string | undefined): Promise<ListPage>;
  /** The same pushed over one connection, from behind the cursor; `onEvent` gets each with the cursor behind it. */
  follow(
    client: Client,
    cursor: string | undefined,
    onEvent: (event: StoredEvent, cursor: string) => void,
  ): Promise<Follower>;
  /** A hold on the next events that nobody holds and nobody has acknowledged; longer than any run. */
  lease(client: Client, limit: number): Promise<Lease>;
  /** How many of the lease's events are acknowledged by this. */
  acknowledge(client: Client, lease: Lease): Promise<number>;
  /** One event with every attempt to deliver it, from the API. */
  show(client: Client, id: string): Promise<ShownEvent>;
  /** Which event a webhook brings. Throws when it is none of this system's. */
  readWebhook(headers: Record<string, unknown>, body: Buffer): StoredEvent;

  /** The processes that were started, have not ended and were not killed; one that drains is still among them. */
  parts(role: Role): Part[];
  /**
   * One more process, resolved when it listens. A second `queue` or `store` comes back on the first one's data and address;
   * of a group, the one that was killed comes back as the other's replica.
   */
  start(role: Role, settings?: Settings): Promise<Part>;
  /** To the whole part: all processes of a server. Nothing is waited for. SIGKILL takes it out of `parts` at once. */
  signal(part: Part, signal: NodeJS.Signals): void;
  /** Whether the part's own probe says that it wants traffic. */
  isReady(part: Part): Promise<boolean>;
  /** Kills the queue's server and starts another process on a copy of its files, at the same address. */
  moveQueue(): Promise<void>;
  /** Of a group: what the master takes from now on does not reach the replica, until that gets a SIGCONT. */
  holdReplicaBack(): Promise<void>;
  /** Empties the queue's server, as an operator's mistake would. */
  wipeQueue(): Promise<void>;
  /** Deliveries that some worker holds at this moment: the most that its death can repeat. */
  inHand(): Promise<number>;
  /** The work that some worker has taken and not ended: which event it is about, and a name of that worker. */
  held(): Promise<HeldEvent[]>;
  /** Accepted events that were given up as unstorable; none of the harness' is. */
  putAside(): Promise<number>;
  /** Brings the store's schema one version ahead, as a rolling update does first. */
  upgradeStore(): Promise<void>;
  /** Processes that ended although nobody told them to, each in a line. */
  crashes(): string[];
  stop(): Promise<void>;
}

export type Role = "gateway" | "worker" | "queue" | "store";
export type Settings = Record<string, string>;

export interface SystemOptions {
  gateways: number;
  workers: number;
  gatewaySettings?: Settings;
  workerSettings?: Settings;
  queueSettings?: Settings;
  /** `group`: a master and a replica that takes over when the master dies; the first of `parts("queue")` is the master. */
  queue?: "single" | "group";
}

export type StartSystem = (options: SystemOptions) => Promise<EventSystem>;

/** An event system that can be put behind the harness. */
export interface SystemUnderTest {
  /** The kinds of processes that it consists of; scenarios that hurt another kind are left out. */
  roles: readonly Role[];
  /** `data` is a folder of this run's own, and goes after it; `logs` stays. */
  start: (folders: { data: string; logs: string }, options: SystemOptions) => Promise<EventSystem>;
}

export interface Part {
  role: Role;
  name: string;
  pid: number;
  /** Where it listens. */
  url: string;
  /** The exit code, or the signal that ended it. */
  exited: Promise<number | string>;
}

export interface Client {
  id: string;
  apiKey: string;
}

export interface Webhook {
  url: string;
  timeoutMs?: number;
}

export interface NumberedEvent {
  number: number;
  /** Makes sending it again safe. */
  dedupId?: string;
}

export interface StoredEvent {
  id: string;
  number: number;
}

export interface PublishAnswer {
  /**
   * `accepted` and `duplicate` are acknowledgements and name the event; `refused` is any other answer;
   * `unanswered`: the connection broke or the answer never came; `unreachable`: there was no connection at all.
   */
  outcome: "accepted" | "duplicate" | "refused" | "unanswered" | "unreachable";
  id?: string;
  /** Of HTTP; 0 without an answer. */
  status: number;
  retryAfterSeconds?: number;
  /** What broke, for the report. */
  error?: string;
}

export interface HeldEvent {
  id: string;
  /** What it does for the event, once at a time. */
  job: string;
  holder: string;
}

export interface Follower {
  close(): void;
}

export interface Lease {
  id: string | undefined;
  events: StoredEvent[];
}

export interface ListPage {
  events: StoredEvent[];
  cursor: string;
}

export interface ShownEvent {
  deliveryStatus: string;
  attempts: { status: number | null; errorCode: string | null; durationMs: number }[];
  nextAttemptAt: string | null;
}
