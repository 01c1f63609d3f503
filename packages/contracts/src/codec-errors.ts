import type { DecodingReason } from './refusals.ts'

/** Where and why a value does not fit its schema. */
export interface ValueFault {
  /** `statement.positions.0.markTicks` */
  readonly field: string
  readonly value: unknown
  /** What the schema asks for, and what to do. */
  readonly rule: string
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** An event cannot be written: it breaks its schema or a limit of the wire. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
  readonly event: string
  readonly field: string

  constructor(event: string, fault: ValueFault, options?: ErrorOptions) {
    super(`${event}.${fault.field} is ${shown(fault.value)}: ${fault.rule}`, options)
    this.event = event
    this.field = fault.field
  }
}

/** A record cannot be read. `reason` is what `InputRefused` says. */
export class DecodingError extends Error {
  override readonly name = 'DecodingError'
  readonly reason: DecodingReason

  constructor(reason: DecodingReason, detail: string) {
    super(detail)
    this.reason = reason
  }

  /** A value that was read, but breaks a limit. */
  static ofValue(reason: DecodingReason, event: string, fault: ValueFault): DecodingError {
    return new DecodingError(
      reason,
      `${event}.${fault.field} is ${shown(fault.value)}: ${fault.rule}`,
    )
  }
}
