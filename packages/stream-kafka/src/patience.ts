import { setTimeout as sleep } from 'node:timers/promises'
import {
  AnswerTooLateError,
  KafkaUnreachableError,
  stopErrorOf,
  treatmentOf,
  type Treatment,
} from './kafka-errors.ts'

/** @throws AnswerTooLateError after `ms`; what was begun goes on, and nobody hears of its end. */
export async function within<T>(ms: number, begin: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new AnswerTooLateError(`no answer within ${ms} ms`))
    }, ms)
  })
  try {
    return await Promise.race([begin(), late])
  } finally {
    clearTimeout(timer)
  }
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

/** Pauses that double, from 50 ms to 2 s. */
export class Pauses {
  #next = FIRST_PAUSE_MS

  next(): number {
    const pause = this.#next
    this.#next = Math.min(2 * pause, LONGEST_PAUSE_MS)
    return pause
  }

  restart(): void {
    this.#next = FIRST_PAUSE_MS
  }
}

export interface Patience {
  readonly where: string
  /** How long to go on without an answer. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly onFailure: (error: unknown, treatment: Treatment) => void
}

/**
 * Asks until there is an answer.
 * @throws KafkaUnreachableError after `patienceMs`; a typed error of ours at once where trying again cannot help.
 */
export async function patiently<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  const giveUpAt = performance.now() + patience.patienceMs
  const pauses = new Pauses()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const treatment = treatmentOf(error)
      patience.onFailure(error, treatment)
      if (treatment === 'stop' || treatment === 'fenced') throw stopErrorOf(error, patience.where)
      if (performance.now() > giveUpAt) throw unreachable(patience, error)
    }
    await sleep(pauses.next(), undefined, { signal: patience.signal })
  }
}

export const unreachable = (
  { where, patienceMs }: Pick<Patience, 'where' | 'patienceMs'>,
  cause: unknown,
): KafkaUnreachableError =>
  new KafkaUnreachableError(
    `${where}: no answer from the cluster for ${Math.round(patienceMs / 1000)} s; check kafka.brokers and the network`,
    { cause },
  )
