import { topicSpec, type TopicName } from '@sluice/contracts/topics'
import { DecodingError } from '@sluice/contracts/codec-errors'
import type { Metrics } from '@sluice/observability/metrics'
import {
  decodedOf,
  openInput,
  type InputReader,
  type TaskInput,
} from '@sluice/stream-runtime/inputs'
import type { LogRecord, StreamLog } from '@sluice/stream-runtime/log'
import type { ReadingTask } from './lag.ts'
import { inputOf, type Layout } from './layout.ts'

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
  readonly #layout: Layout
  readonly #metrics: Metrics
  readonly #readers = new Map<string, InputReader>()

  constructor(log: StreamLog, layout: Layout, metrics: Metrics) {
    this.#log = log
    this.#layout = layout
    this.#metrics = metrics
  }

  /** Observes what was appended since the last look. */
  async look(tasks: readonly ReadingTask[]): Promise<void> {
    for (const task of tasks) {
      for (const { topic, partition } of task.positions())
        await this.#open(topicSpec(topic).name, partition)
    }
    for (const reader of this.#readers.values()) await this.#drain(reader)
  }

  async #open(topic: TopicName, partition: number): Promise<void> {
    const name = `${topic}-${partition}`
    const fromNowOn = FROM_NOW_ON.has(topic)
    if (this.#readers.has(name) || !(fromNowOn || FROM_THE_BEGINNING.has(topic))) return
    const position = fromNowOn ? await this.#log.end({ topic, partition }) : 0
    const input = inputOf(this.#layout, topic, partition)
    this.#readers.set(
      name,
      openInput(this.#log, input, { topic, partition, position, chain: null }),
    )
  }

  async #drain(reader: InputReader): Promise<void> {
    for (;;) {
      const record = reader.next()
      if (record !== undefined) this.#observe(reader.input, record)
      else if (!(await reader.fill(RECORDS_PER_READ))) return
    }
  }

  /** What cannot be decoded is refused by the task that reads it, and counted there. */
  #observe({ codec }: TaskInput, record: LogRecord): void {
    try {
      const events = codec === undefined ? [decodedOf(record)] : codec.decode(record)
      for (const event of events) this.#metrics.observe(event)
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error
    }
  }
}
