/** Everything that is wrong with the settings, at once. The process ends with `exitCode`. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  /** One line each: where, what, and what to do. */
  readonly problems: readonly string[]
  /** "Cannot start as asked": the same code for every command. */
  readonly exitCode = 2

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a setting is' : `${String(problems.length)} settings are`
    super(`${count} wrong:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}
