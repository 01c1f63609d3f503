/** What a person decided about one scope, and when it lapses; null: never. */
export interface Decided<Value> {
  readonly value: Value
  readonly expiresAt: number | null
}

/** Decisions of people by scope, each of which may lapse by itself. */
export class Lapsing<Value> {
  readonly #decided = new Map<string, Decided<Value>>()
  #next: number | null = null

  /** When the next decision lapses, or null. */
  next(): number | null {
    return this.#next
  }

  get size(): number {
    return this.#decided.size
  }

  has(scope: string): boolean {
    return this.#decided.has(scope)
  }

  get(scope: string): Value | undefined {
    return this.#decided.get(scope)?.value
  }

  set(scope: string, decided: Decided<Value>): void {
    this.#decided.set(scope, decided)
    this.#look()
  }

  delete(scope: string): void {
    this.#decided.delete(scope)
    this.#look()
  }

  /** Takes out what has lapsed; ascending by scope. */
  takeLapsed(now: number): string[] {
    const lapsed = this.entries()
      .filter(([, { expiresAt }]) => expiresAt !== null && expiresAt <= now)
      .map(([scope]) => scope)
    for (const scope of lapsed) this.#decided.delete(scope)
    this.#look()
    return lapsed
  }

  /** Ascending by scope. */
  entries(): [string, Decided<Value>][] {
    return [...this.#decided].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #look(): void {
    const times = [...this.#decided.values()].flatMap(({ expiresAt }) => expiresAt ?? [])
    this.#next = times.length === 0 ? null : Math.min(...times)
  }
}
