/** How often other processes' commits are looked for while nothing happens in this one. */
const POLL_MS = 5

interface Waiting {
  readonly wake: () => void
  readonly poll: () => void
}

/** Wakes whoever waits for a change. */
export class Signal {
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined

  notify(): void {
    for (const { wake } of [...this.#waiting]) wake()
  }

  /** Resolves at the next `notify`, when `poll` says so (asked every few milliseconds), or when the signal aborts. */
  next(signal: AbortSignal, poll: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const stop = () => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', wake)
      }
      const wake = () => {
        stop()
        resolve()
      }
      const waiting: Waiting = {
        wake,
        poll: () => {
          try {
            if (poll()) wake()
          } catch (error) {
            stop()
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        },
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', wake)
      this.#timer ??= setInterval(() => {
        this.#pollAll()
      }, POLL_MS)
    })
  }

  /** One timer for all, which outlives a wake: whoever was woken mostly waits again at once. */
  #pollAll(): void {
    for (const { poll } of [...this.#waiting]) poll()
    if (this.#waiting.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
