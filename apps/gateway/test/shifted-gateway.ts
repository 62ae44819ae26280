// A gateway on a machine whose clock is off by the milliseconds of the first argument.
const now = Date.now.bind(Date);
const shiftMs = Number(process.argv[2]);
Date.now = () => now() + shiftMs;
await import("../src/main.ts");

export {};
