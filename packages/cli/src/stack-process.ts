import type { LocalProcess } from '@sluice/local-stack/local-process'
import { sumOfMetric } from './metrics-text.ts'

export type Health = 'starting' | 'ready' | 'not ready' | 'ended'

/** What is seen of a process from outside. */
export interface ProcessState {
  readonly name: string
  readonly pid: number
  readonly health: Health
  /** Records its tasks have yet to read, where it has tasks. */
  readonly lagRecords: number | undefined
  /** Liquidations it has seen begin and end. */
  readonly liquidations: { readonly started: number; readonly ended: number } | undefined
  /** How and why it ended; empty while it runs. */
  readonly reason: string
}

const ANSWER_MS = 1_000
const REASON_LINES = 5
const TAIL_LINES = 40

/** A process of the stack and where it answers. */
export class StackProcess {
  readonly #process: LocalProcess
  readonly #url: string
  #wasReady = false

  /** @param url Where it serves `/readyz` and `/metrics`. */
  constructor(process: LocalProcess, url: string) {
    this.#process = process
    this.#url = url
  }

  get hasEnded(): boolean {
    return this.#process.end !== undefined
  }

  stop(graceMs: number): Promise<void> {
    return this.#process.stop(graceMs)
  }

  async look(): Promise<ProcessState> {
    const { name, pid } = this.#process
    const [readiness, metrics = ''] = await Promise.all([
      answerOf(`${this.#url}/readyz`),
      answerOf(`${this.#url}/metrics`),
    ])
    const isReady = readiness !== undefined
    if (isReady) this.#wasReady = true
    return {
      name,
      pid,
      health: this.#healthOf(isReady),
      lagRecords: sumOfMetric(metrics, 'sluice_consumer_lag_messages'),
      liquidations: liquidationsIn(metrics),
      reason: this.hasEnded ? reasonOf(this.#process) : '',
    }
  }

  #healthOf(isReady: boolean): Health {
    if (this.hasEnded) return 'ended'
    if (isReady) return 'ready'
    return this.#wasReady ? 'not ready' : 'starting'
  }
}

/** The text of an answer that says 200. */
async function answerOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    const text = await response.text()
    return response.ok ? text : undefined
  } catch {
    return undefined
  }
}

function liquidationsIn(metrics: string): ProcessState['liquidations'] {
  const started = sumOfMetric(metrics, 'sluice_liquidations_started_total') ?? 0
  const ended = sumOfMetric(metrics, 'sluice_liquidations_completed_total') ?? 0
  return started === 0 ? undefined : { started, ended }
}

/** Its last words to people; what it logged for machines is a line of JSON each. */
function reasonOf(process: LocalProcess): string {
  const { end } = process
  const how = end?.signal ? `ended by ${end.signal}` : `ended with code ${end?.code ?? 'none'}`
  const words = process
    .tail(TAIL_LINES)
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('{'))
  return words.length === 0 ? how : `${how}: ${words.slice(-REASON_LINES).join('\n')}`
}
