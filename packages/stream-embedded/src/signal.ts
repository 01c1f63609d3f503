/** How often other processes' commits are looked for while nothing happens in this one. */
const POLL_MS = 5

/** Wakes whoever waits for a change. */
export class Signal {
  readonly #waiting = new Set<() => void>()

  notify(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves at the next `notify`, when `poll` says so (asked every few milliseconds), or when the signal aborts. */
  next(signal: AbortSignal, poll: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const timer = setInterval(() => {
        try {
          if (poll()) wake()
        } catch (error) {
          stop()
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }, POLL_MS)
      const stop = () => {
        clearInterval(timer)
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
      }
      const wake = () => {
        stop()
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
