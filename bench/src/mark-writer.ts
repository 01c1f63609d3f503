import { randomUUID } from 'node:crypto'
import type { PriceEvent } from '@sluice/contracts/generated/events'
import { bytesOfDigest } from '@sluice/stream-runtime/digest'
import { EventToAppend, type StreamLog } from '@sluice/stream-runtime/log'
import { MerkleAccumulator, rootOfEvents } from '@sluice/stream-runtime/merkle'
import type { Draft } from '@sluice/stream-runtime/processor'
import { genesisHead, writeReceipt } from '@sluice/stream-runtime/receipt'

const TASK = { topic: 'price', partition: 0 } as const
const NAME = 'price-0'
const HASH_BYTES = 32
const LOGIC_VERSION = 1

/**
 * The price service's place, taken by a benchmark that decides when a mark is there: what is pushed goes out by the rules of every writer,
 * a receipt and its events in one record batch, one batch at a time.
 */
export class MarkWriter {
  readonly #log: StreamLog
  readonly #owner = randomUUID()
  #head = genesisHead(NAME)
  #sequence = 0
  #lastEvent = 0
  #waiting: Draft<PriceEvent>[] = []
  #sending: Promise<void> | undefined

  constructor(log: StreamLog) {
    this.#log = log
  }

  push(...drafts: readonly Draft<PriceEvent>[]): void {
    this.#waiting.push(...drafts)
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  /** Resolves when all that was pushed is in the log. @throws what the log throws. */
  async idle(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const drafts = this.#waiting
      this.#waiting = []
      const time = Date.now()
      const events = drafts.map((draft, index) => {
        const sequence = this.#lastEvent + 1 + index
        const meta = { sequence, causeIds: [], time, logicVersion: LOGIC_VERSION }
        return new EventToAppend({ ...draft, meta })
      })
      const receipt = this.#receiptOf(events, time)
      await this.#log.append(TASK, [{ key: null, value: receipt.bytes }, ...events])
      this.#head = receipt.link.hash
      this.#sequence += 1
      this.#lastEvent += events.length
    }
  }

  #receiptOf(events: readonly EventToAppend[], tick: number) {
    return writeReceipt({
      task: NAME,
      sequence: this.#sequence + 1,
      previousHash: bytesOfDigest(this.#head),
      tenure: 1,
      owner: this.#owner,
      generation: 1,
      firstEvent: this.#lastEvent + 1,
      eventCount: events.length,
      emittedOfLastInput: 0,
      inputRuns: [{ tick }],
      inputsRoot: bytesOfDigest(new MerkleAccumulator().root()),
      eventsRoot: bytesOfDigest(rootOfEvents(events.map(({ value }) => value))),
      logicVersion: LOGIC_VERSION,
      settingsHash: Buffer.alloc(HASH_BYTES),
      stateHash: null,
    })
  }
}
