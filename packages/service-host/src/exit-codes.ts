/** What the exit code of every command means. */
export const EXIT = {
  /** Done; for `verify`: sound. */
  ok: 0,
  /** A fault of the program. */
  fault: 1,
  /** Arguments, settings, files or the log cannot be read. */
  unreadable: 2,
  /** The log was read and is not sound: something in it was changed, or does not follow from its inputs. */
  unsound: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Errors that say: the log was read, and is not what a sound Sluice writes. */
const UNSOUND: ReadonlySet<string> = new Set([
  'LogForkedError',
  'OffsetOutOfRangeError',
  'ReplayDivergedError',
  'LogDamagedError',
  'HandlerFailedError',
])

/** Exit code for an error a command ended with: by its name, so that no package has to be loaded to tell. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof Error)) return EXIT.fault
  if (UNSOUND.has(error.name)) return EXIT.unsound
  const isOurs =
    error.name !== 'Error' && !(error instanceof TypeError || error instanceof RangeError)
  return isOurs ? EXIT.unreadable : EXIT.fault
}
