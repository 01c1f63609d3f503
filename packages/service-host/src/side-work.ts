/** Work that ends when its signal aborts. */
export type Work<Result> = (signal: AbortSignal) => Promise<Result>

/**
 * Does the main work with side work around it: side work is told to stop when the main work is over, and an error of either stops both.
 *
 * @throws the error of the main work, or else the first of the side work, after all of it has stopped.
 */
export async function withSideWork<Result>(
  signal: AbortSignal,
  main: Work<Result>,
  sides: readonly Work<void>[],
): Promise<Result> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const beside = sides.map(async side => {
    try {
      await side(either)
    } catch (error) {
      stop.abort()
      throw error
    }
  })
  const [ended] = await Promise.allSettled([main(either)])
  stop.abort()
  const endings = await Promise.allSettled(beside)
  const failed = [ended, ...endings].find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  if (ended.status === 'rejected') throw ended.reason
  return ended.value
}
