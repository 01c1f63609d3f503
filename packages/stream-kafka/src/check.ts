/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  /** What to do about it; empty if nothing. */
  readonly advice: string
}

export const fine = (name: string, found: string): Check => ({ name, ok: true, found, advice: '' })

export const amiss = (name: string, found: string, advice: string): Check => ({
  name,
  ok: false,
  found,
  advice,
})

/** A check that could not be made, in the words of the error, which say what to do. */
export const failed = (name: string, error: unknown): Check =>
  amiss(name, error instanceof Error ? error.message : String(error), '')
