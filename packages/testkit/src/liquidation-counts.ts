import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { decodedOf, openInput, type InputReader } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'

export interface LiquidationCounts {
  readonly started: number
  readonly completed: number
  readonly averted: number
  readonly halted: number
  readonly orders: number
  /** Started, and neither completed nor averted. */
  readonly open: number
}

const RECORDS_PER_READ = 4096
const OUTPUT = { topic: 'liquidation-execution', partition: 0, ours: true } as const

/** What the executor has said so far, counted. */
export class LiquidationCounter {
  readonly #reader: InputReader
  readonly #counts = new Map<LiquidationExecutionEvent['type'], number>()

  constructor(log: StreamLog) {
    this.#reader = openInput(log, OUTPUT)
  }

  async look(): Promise<LiquidationCounts> {
    while (await this.#reader.fill(RECORDS_PER_READ)) {
      for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
        const { type } = decodedOf(record) as LiquidationExecutionEvent
        this.#counts.set(type, this.#of(type) + 1)
      }
    }
    const started = this.#of('LiquidationStarted')
    const completed = this.#of('LiquidationCompleted')
    const averted = this.#of('LiquidationAverted')
    return {
      started,
      completed,
      averted,
      halted: this.#of('LiquidationHalted'),
      orders: this.#of('LiquidationOrderPlaced'),
      open: started - completed - averted,
    }
  }

  #of(type: LiquidationExecutionEvent['type']): number {
    return this.#counts.get(type) ?? 0
  }
}
