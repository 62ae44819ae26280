/** What one event and one delivery cost. CPU in microseconds, with where it was measured; change it with the figures. */
export interface Costs {
  gateway: number;
  worker: number;
  redis: number;
  postgres: number;
  walBytes: number;
  redisFileBytes: number;
  storedBytes: number;
}

/** Published alone with 397 bytes, stored and kept: S2 and S4 of docs/performance.md; bytes and indexes from `growth`. */
export const costsPerEvent: Costs = {
  gateway: 122,
  worker: 61,
  redis: 39 + 58,
  postgres: 33,
  walBytes: 1_210,
  redisFileBytes: 3_050,
  storedBytes: 940,
};

/** Delivered at the first attempt and recorded: `deliver` less what the event itself cost; bytes from `growth`. */
export const costsPerDelivery: Costs = {
  gateway: 0,
  worker: 564,
  redis: 133,
  postgres: 178,
  walBytes: 5_200,
  redisFileBytes: 2_950,
  storedBytes: 1_640,
};

/** How much of a core may be used in the mean: the rest is for peaks, for catching up and for vacuum. */
export const utilisation = 0.6;
/** The largest Postgres that is counted on: cores, and WAL that its disk takes and its replicas follow, per second. */
export const largestPostgres = { cores: 64, walBytesPerSecond: 500e6 };
