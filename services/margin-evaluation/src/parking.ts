import type { AccountUpdated } from '@sluice/contracts/generated/events'

/** An account record that names an instrument not yet listed. */
export interface ParkedRecord {
  readonly scope: string
  readonly event: AccountUpdated
  readonly inputId: string
  /** When the task gives up waiting */
  readonly deadline: number
}

/** Account records that wait for their instruments: one for each scope, the newest. */
export class Parking {
  readonly #records = new Map<string, ParkedRecord>()
  #next: number | null = null

  next(): number | null {
    return this.#next
  }

  get(scope: string): ParkedRecord | undefined {
    return this.#records.get(scope)
  }

  put(record: ParkedRecord): void {
    this.#records.set(record.scope, record)
    this.#look()
  }

  /** Whether there was one. */
  delete(scope: string): boolean {
    if (!this.#records.delete(scope)) return false
    this.#look()
    return true
  }

  /** Ascending by scope. */
  all(): ParkedRecord[] {
    return [...this.#records.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1))
  }

  #look(): void {
    let next = Infinity
    for (const { deadline } of this.#records.values()) next = Math.min(next, deadline)
    this.#next = next === Infinity ? null : next
  }
}
