/** What a caller asked of the simulator cannot be: the message says what, where, and what to do. */
export class InvalidSimulatorOptionsError extends Error {
  override readonly name = 'InvalidSimulatorOptionsError'
}

/** `step` was called with a time other than the next one. */
export class StepOutOfOrderError extends Error {
  override readonly name = 'StepOutOfOrderError'

  constructor(expected: number, given: number) {
    super(
      `step(${given}) out of order: the next step is ${expected}; call step once for each stepMs`,
    )
  }
}

/** A posting whose lines do not sum to zero: a fault of the simulator itself, never of its input. */
export class UnbalancedPostingError extends Error {
  override readonly name = 'UnbalancedPostingError'

  constructor(reason: string, difference: bigint) {
    super(`posting '${reason}' is off by ${difference} units: nothing was booked; this is a defect`)
  }
}

/** Where in a price file something is wrong. Lines and columns count from 1. */
export interface PriceFileFault {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly problem: string
}

/** A price file that cannot be used. Raised before anything runs. */
export class PriceFileError extends Error {
  override readonly name = 'PriceFileError'
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(fault: PriceFileFault) {
    super(`${fault.file}:${fault.line}:${fault.column}: ${fault.problem}`)
    this.file = fault.file
    this.line = fault.line
    this.column = fault.column
  }
}
