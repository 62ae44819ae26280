// `node --import ./shift-clock.ts` with CLOCK_SHIFT_MS: this process' clock is wrong by so much, and no other's.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
const RealDate = Date;
const now = () => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget) as Date,
  get: (target, property) => (property === "now" ? now : (Reflect.get(target, property) as unknown)),
});
