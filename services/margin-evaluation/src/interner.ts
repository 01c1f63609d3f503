/** Texts by small numbers, given at first mention, from 0. */
export class Interner {
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()

  all(): readonly string[] {
    return this.#texts
  }

  number(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  text(number: number): string {
    return this.#texts[number] ?? ''
  }
}
