/** Scopes held by a person, each with the time at which its hold lapses; null: never. */
export class Holds {
  readonly #expiries = new Map<string, number | null>()
  #next: number | null = null

  /** When the next hold lapses, or null. */
  next(): number | null {
    return this.#next
  }

  has(scope: string): boolean {
    return this.#expiries.has(scope)
  }

  set(scope: string, expiresAt: number | null): void {
    this.#expiries.set(scope, expiresAt)
    this.#look()
  }

  delete(scope: string): void {
    this.#expiries.delete(scope)
    this.#look()
  }

  /** Takes out what has lapsed; ascending by scope. */
  takeLapsed(now: number): string[] {
    const lapsed = this.entries()
      .filter(([, expiresAt]) => expiresAt !== null && expiresAt <= now)
      .map(([scope]) => scope)
    for (const scope of lapsed) this.#expiries.delete(scope)
    this.#look()
    return lapsed
  }

  /** Ascending by scope. */
  entries(): [string, number | null][] {
    return [...this.#expiries].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #look(): void {
    const times = [...this.#expiries.values()].filter(time => time !== null)
    this.#next = times.length === 0 ? null : Math.min(...times)
  }
}
