/** The schema registry does not answer, or not as one. */
export class RegistryUnreachableError extends Error {
  override readonly name = 'RegistryUnreachableError'
}

/** The schema registry answers, and does not let us in. */
export class RegistryNotAuthorisedError extends Error {
  override readonly name = 'RegistryNotAuthorisedError'
}

/** Schemas that the log needs are missing from the registry, or another stands in their place. */
export class SchemasNotReadyError extends Error {
  override readonly name = 'SchemasNotReadyError'
  /** One line for each subject: what is wrong with it. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a schema is' : `${String(problems.length)} schemas are`
    const lines = problems.map(problem => `  ${problem}`).join('\n')
    super(`${count} not as this version needs them; run \`sluice schemas apply\`:\n${lines}`)
    this.problems = problems
  }
}
