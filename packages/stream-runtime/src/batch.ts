import type { InputRun, TickRun } from '@sluice/contracts/generated/events'
import { bytesOfDigest, type Digest } from './digest.ts'
import type { InputReader } from './inputs.ts'
import type { EventToAppend } from './log.ts'
import { MerkleAccumulator } from './merkle.ts'

export interface BatchLimits {
  /** Events in one record batch. */
  readonly maxEventsPerBatch: number
  /** Bytes of events in one record batch; exceeded by at most one event. */
  readonly maxBatchBytes: number
  /** Inputs that one receipt speaks for. */
  readonly maxInputsPerReceipt: number
  /** Runs in one receipt. */
  readonly maxRunsPerReceipt: number
}

const DEFAULT_BATCH_LIMITS: BatchLimits = {
  maxEventsPerBatch: 4096,
  maxBatchBytes: 900_000,
  maxInputsPerReceipt: 65_536,
  maxRunsPerReceipt: 4096,
}

export interface TaskLimits extends BatchLimits {
  /** Records taken from one input before the next input has its turn. */
  readonly chunkRecords: number
  /** Inputs replayed in one step of recovery. */
  readonly recoveryInputsPerStep: number
}

export const DEFAULT_TASK_LIMITS: TaskLimits = {
  ...DEFAULT_BATCH_LIMITS,
  chunkRecords: 4096,
  recoveryInputsPerStep: 16_384,
}

/** A run that is still growing. */
export interface GrowingRun {
  readonly reader: InputReader
  readonly fromOffset: number
  toOffset: number
  count: number
  upstreamHead: Digest | null
}

/** Everything a receipt says of inputs and events. */
export interface CutBatch {
  readonly inputRuns: readonly (InputRun | TickRun)[]
  readonly inputsRoot: Digest
  readonly events: readonly EventToAppend[]
  readonly emittedOfLastInput: number
}

/**
 * What was folded and is not in a receipt yet. `isFull` is asked after each input: the cut then always falls within the output
 * of the last input, and a receipt can say how many of its events are out.
 */
export class OpenBatch {
  readonly inputs = new MerkleAccumulator()
  readonly #limits: BatchLimits
  #runs: (GrowingRun | TickRun)[] = []
  #events: EventToAppend[] = []
  #bytes = 0
  /** Where the last input's output begins in `#events`. */
  #lastInputFrom = 0
  /** Events of the last input that earlier receipts already hold. */
  #emittedBefore = 0

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  get inputCount(): number {
    return this.inputs.size
  }

  get eventCount(): number {
    return this.#events.length
  }

  get isEmpty(): boolean {
    return this.inputCount === 0 && this.#events.length === 0
  }

  /** The output of one input spans receipts, and a part is still to be sent: nothing else may be folded before. */
  get isContinuing(): boolean {
    return this.#emittedBefore > 0
  }

  get isFull(): boolean {
    const { maxEventsPerBatch, maxBatchBytes, maxInputsPerReceipt, maxRunsPerReceipt } =
      this.#limits
    return (
      this.#events.length >= maxEventsPerBatch ||
      this.#bytes >= maxBatchBytes ||
      this.inputs.size >= maxInputsPerReceipt ||
      this.#runs.length >= maxRunsPerReceipt
    )
  }

  /** The run that the reader's next record belongs to. */
  runOf(reader: InputReader): GrowingRun {
    const last = this.#runs.at(-1)
    if (last !== undefined && 'reader' in last && last.reader === reader) return last
    const run = { reader, fromOffset: reader.position, toOffset: -1, count: 0, upstreamHead: null }
    this.#runs.push(run)
    return run
  }

  addTick(tick: number): void {
    this.#runs.push({ tick })
  }

  /** The events that follow are this input's. */
  beginInput(leaf: Digest): void {
    this.inputs.append(leaf)
    this.#lastInputFrom = this.#events.length
  }

  addEvent(event: EventToAppend): void {
    this.#events.push(event)
    this.#bytes += event.value.length
  }

  /** After recovery in the middle of a long output: the rest, of which `emittedBefore` events are out. */
  continueWith(rest: readonly EventToAppend[], emittedBefore: number): void {
    for (const event of rest) this.addEvent(event)
    this.#emittedBefore = emittedBefore
  }

  /** Takes out what the next receipt holds. What does not fit stays, as the output of the same input. */
  cut(): CutBatch {
    const count = this.#fitting()
    const spans = count < this.#events.length
    const emittedOfLastInput = spans ? this.#emittedBefore + count - this.#lastInputFrom : 0
    const batch: CutBatch = {
      inputRuns: this.#runs.map(sealRun),
      inputsRoot: this.inputs.root(),
      events: this.#events.slice(0, count),
      emittedOfLastInput,
    }
    this.#keepFrom(count, emittedOfLastInput)
    return batch
  }

  #fitting(): number {
    const { maxEventsPerBatch, maxBatchBytes } = this.#limits
    let bytes = 0
    let count = 0
    for (const event of this.#events) {
      bytes += event.value.length
      const mustTake = count <= this.#lastInputFrom
      if (!mustTake && (count >= maxEventsPerBatch || bytes > maxBatchBytes)) break
      count += 1
    }
    return count
  }

  #keepFrom(count: number, emittedBefore: number): void {
    this.#events = this.#events.slice(count)
    this.#bytes = this.#events.reduce((sum, event) => sum + event.value.length, 0)
    this.#emittedBefore = emittedBefore
    this.#lastInputFrom = 0
    this.#runs = []
    this.inputs.clear()
  }
}

function sealRun(run: GrowingRun | TickRun): InputRun | TickRun {
  if ('tick' in run) return run
  const { reader, fromOffset, toOffset, count, upstreamHead } = run
  return {
    source: reader.input.topic,
    partition: reader.input.partition,
    fromOffset,
    toOffset,
    count,
    upstreamHead: upstreamHead === null ? null : bytesOfDigest(upstreamHead),
  }
}
