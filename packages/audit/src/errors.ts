/** What was asked for is not in the log. */
export class NotInLogError extends Error {
  override readonly name = 'NotInLogError'
}
