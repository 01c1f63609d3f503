import { DecodingError } from '@sluice/contracts/codec-errors'
import type { Metrics } from '@sluice/observability/metrics'
import { decodedOf, openInput, type InputReader } from '@sluice/stream-runtime/inputs'
import type { LogRecord, StreamLog } from '@sluice/stream-runtime/log'
import type { ReadingTask } from './lag.ts'

/** Topics of the exchange and of people that metrics are made from; the others say too much and mean too little. */
const FROM_THE_BEGINNING: ReadonlySet<string> = new Set(['operations', 'reference-data'])
const FROM_NOW_ON: ReadonlySet<string> = new Set(['execution-reports'])
const RECORDS_PER_READ = 1024

/**
 * Shows metrics what the tasks read and did not write: the kill switch, pools, bookings. Rules are read from the beginning, so that a
 * kill switch engaged before the start is seen; reports from the start on.
 */
export class InputWatch {
  readonly #log: StreamLog
  readonly #metrics: Metrics
  readonly #readers = new Map<string, InputReader>()

  constructor(log: StreamLog, metrics: Metrics) {
    this.#log = log
    this.#metrics = metrics
  }

  /** Observes what was appended since the last look. */
  async look(tasks: readonly ReadingTask[]): Promise<void> {
    for (const task of tasks) {
      for (const { topic, partition } of task.positions()) await this.#open(topic, partition)
    }
    for (const reader of this.#readers.values()) await this.#drain(reader)
  }

  async #open(topic: string, partition: number): Promise<void> {
    const name = `${topic}-${partition}`
    const fromNowOn = FROM_NOW_ON.has(topic)
    if (this.#readers.has(name) || !(fromNowOn || FROM_THE_BEGINNING.has(topic))) return
    const position = fromNowOn ? await this.#log.end({ topic, partition }) : 0
    const input = { topic, partition, ours: false }
    this.#readers.set(
      name,
      openInput(this.#log, input, { topic, partition, position, chain: null }),
    )
  }

  async #drain(reader: InputReader): Promise<void> {
    for (;;) {
      const record = reader.next()
      if (record !== undefined) this.#observe(record)
      else if (!(await reader.fill(RECORDS_PER_READ))) return
    }
  }

  /** What cannot be decoded is refused by the task that reads it, and counted there. */
  #observe(record: LogRecord): void {
    try {
      this.#metrics.observe(decodedOf(record))
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error
    }
  }
}
