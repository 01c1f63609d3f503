/**
 * Does several things at once and waits for all of them, whatever comes of them. The first that fails makes the others give up.
 *
 * @throws what the first threw; the signal's reason if it aborts.
 */
export async function together(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  const attempts = works.map(work => work(either).catch((error: unknown) => failure.abort(error)))
  await Promise.all(attempts)
  either.throwIfAborted()
}
