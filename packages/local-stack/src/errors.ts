/** A program that the local stack needs is not installed, or is too old. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError'
}

/** Maven did not bring what was asked for. */
export class FetchFailedError extends Error {
  override readonly name = 'FetchFailedError'
}

/** A process ended, or took too long, before it answered. The end of its log is in the message. */
export class NotStartedError extends Error {
  override readonly name = 'NotStartedError'
}
