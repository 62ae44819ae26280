/** 256 KiB, by contract: of a request that brings one event, and of each event of a batch. */
export const maxEventBytes = 262_144;
