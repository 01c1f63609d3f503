/** An argument lies outside what a rule is defined for: the caller let through what the codecs and refusals should stop. */
export class InvalidRiskInputError extends Error {
  override readonly name = 'InvalidRiskInputError'

  /** @param rule the function that refused; @param detail which argument, its value, and what is allowed */
  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`)
  }
}

/** @throws InvalidRiskInputError unless value is a whole number from `least` to 2^53 − 1. */
export function requireWhole(rule: string, named: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(named)) {
    if (Number.isSafeInteger(value) && value >= least) continue
    throw new InvalidRiskInputError(rule, `${name} is ${value}; give a whole number ≥ ${least}`)
  }
}
