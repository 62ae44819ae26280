/** The server's answer is not what the contract says. */
export class Mismatch extends Error {
  override name = "Mismatch";
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}
