/** The server is not at fault: something that the check needs is not given. */
export class NotApplicable extends Error {
  override name = "NotApplicable";
}
