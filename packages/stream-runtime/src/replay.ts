import type { BatchReceipt, InputRun, TickRun } from '@sluice/contracts/generated/events'
import { BatchReader, checkSound, type ReadBatch } from './batch-reader.ts'
import { genesis, judge, type ChainCursor } from './chain.ts'
import { nameOf, outputOf, settingsHashOf, type TaskDefinition } from './definition.ts'
import { digestFromBytes, hexOfDigest } from './digest.ts'
import {
  HandlerFailedError,
  LogForkedError,
  ReplayDivergedError,
  RulesChangedError,
  type DivergenceKind,
} from './errors.ts'
import { Fold, type EventSink } from './fold.ts'
import { leafOf, openInput, type InputCursor, type InputReader } from './inputs.ts'
import type { EventToAppend, LogRecord, PartitionId } from './log.ts'
import { MerkleAccumulator, leafOfTick } from './merkle.ts'
import { genesisHead } from './receipt.ts'

/** Where a replay begins, if not at the very start. */
export interface ReplayStart {
  readonly state: Uint8Array
  readonly now: number
  readonly chain: ChainCursor
  /** Offset of the receipt that `chain` stands after. */
  readonly receiptOffset: number
  readonly inputs: readonly InputCursor[]
}

export interface ReplayCounts {
  readonly receipts: number
  readonly voidReceipts: number
  readonly inputs: number
  readonly events: number
}

export interface ReplayOptions {
  readonly start?: ReplayStart
  /** Also holds the tenure, owner and generation of each receipt against its takeover; never a question of validity. */
  readonly checkTenures?: boolean
  /** Replay stops after this receipt. */
  readonly upTo?: number
}

interface Difference {
  readonly kind: DivergenceKind
  readonly first: string
  readonly logged: string
  readonly replayed: string
}

/** Inputs between two stops of the walk. Runs are short in a calm market: a stop after each would cost more than folding it. */
const INPUTS_PER_SLICE = 4096

/**
 * `slice`: some inputs of a receipt were folded, `receipt`: one is complete, `end`: nothing to replay at present. A promise: the log
 * is asked, and the walk wants to know whether it had something. Nearly all steps find their records already read, so the walk itself is
 * synchronous: in a calm market a receipt speaks for a handful of inputs, and promises for each would cost more than folding them.
 */
type WalkStep = 'slice' | 'receipt' | 'end' | Promise<boolean>
type Walk<Return> = Generator<WalkStep, Return, boolean>

/**
 * Walks a task's own partition from a start, folds the inputs that each valid receipt names, and compares what comes out with what
 * the log holds, byte for byte. Recovery, verification, snapshots and `state --at` are this one walk.
 */
export class Replay<State, In extends { readonly type: string }, Out> implements EventSink {
  readonly task: string
  readonly fold: Fold<State, In, Out>
  readonly readers: readonly InputReader[]
  readonly #definition: TaskDefinition<State, In, Out>
  readonly #options: ReplayOptions
  readonly #output: PartitionId
  readonly #batches: BatchReader
  readonly #settingsHash: string
  readonly #walk: Walk<never>
  readonly #inputs = new MerkleAccumulator()
  /** Emitted by the fold and not yet found in the log. */
  #produced: EventToAppend[] = []
  #chain: ChainCursor
  #receiptOffset: number
  /** Number of the first event of the last input, emitted or not. */
  #lastInputFrom = 1
  #tenant: { owner: string; generation: number } | undefined
  #folded = 0
  /** Inputs folded when the last slice ended. */
  #slicedAt = 0
  #counts = { receipts: 0, voidReceipts: 0, inputs: 0, events: 0 }

  constructor(definition: TaskDefinition<State, In, Out>, options: ReplayOptions = {}) {
    const { processor, log, inputs } = definition
    const { start } = options
    this.task = nameOf(definition)
    this.#definition = definition
    this.#options = options
    this.#output = outputOf(definition)
    this.#settingsHash = settingsHashOf(definition)
    this.#chain = start?.chain ?? genesis(genesisHead(this.task))
    this.#batches = new BatchReader(log, this.#output, this.#chain.offset)
    const state = start === undefined ? processor.initialState() : processor.restore(start.state)
    this.#receiptOffset = start?.receiptOffset ?? -1
    const nextSequence = this.#chain.lastEvent + 1
    this.fold = new Fold(definition, { state, now: start?.now ?? 0, nextSequence }, this)
    this.readers = inputs.map(input => openInput(log, input, cursorFor(input, start)))
    this.#walk = this.#steps()
  }

  /** The chain after the last receipt replayed. */
  get chain(): ChainCursor {
    return this.#chain
  }

  /** Offset of the last receipt replayed; -1 before the first. */
  get receiptOffset(): number {
    return this.#receiptOffset
  }

  get counts(): ReplayCounts {
    return this.#counts
  }

  /** The output of the last input spans receipts, and these events of it are not in the log yet. */
  get remainder(): readonly EventToAppend[] {
    return this.#produced
  }

  /**
   * Replays about `inputs` further inputs; false once the end of the own partition (or the receipt asked for) is reached.
   * It may be called again later and then goes on with what has been appended since.
   *
   * @throws ReplayDivergedError, LogForkedError, RulesChangedError
   */
  async advance(inputs: number): Promise<boolean> {
    const upTo = this.#folded + inputs
    let filled = true
    while (this.#folded < upTo) {
      const { value } = this.#walk.next(filled)
      if (value === 'end') return false
      if (typeof value === 'object') filled = await value
    }
    return true
  }

  /** Replays the next receipt to its end; false if there is none. */
  async advanceReceipt(): Promise<boolean> {
    let filled = true
    for (;;) {
      const { value } = this.#walk.next(filled)
      if (value === 'receipt' || value === 'end') return value === 'receipt'
      if (typeof value === 'object') filled = await value
    }
  }

  addEvent(event: EventToAppend): void {
    this.#produced.push(event)
  }

  *#steps(): Walk<never> {
    for (;;) {
      const batch = this.#batches.take()
      if (batch === undefined) {
        if (!(yield this.#batches.fill())) yield 'end'
        continue
      }
      const { link } = batch.sealed
      const verdict = judge(this.#chain, link)
      if (verdict.kind === 'fork') throw this.#forked(batch, verdict)
      if (verdict.kind === 'void') {
        this.#counts.voidReceipts += 1
        this.#chain = verdict.cursor
        continue
      }
      while (link.sequence > (this.#options.upTo ?? Infinity)) yield 'end'
      checkSound(this.#output, batch)
      this.#checkRules(batch.sealed.receipt)
      yield* this.#replayReceipt(batch)
      this.#chain = verdict.cursor
      this.#receiptOffset = batch.offset
      this.#counts.receipts += 1
      this.#counts.events += link.eventCount
      yield 'receipt'
    }
  }

  *#replayReceipt(batch: ReadBatch): Walk<void> {
    const { receipt } = batch.sealed
    this.#inputs.clear()
    for (const run of receipt.inputRuns) {
      if ('tick' in run) this.#foldTick(receipt, run)
      else yield* this.#foldRun(receipt, run)
    }
    this.#checkInputs(receipt)
    this.#checkEvents(batch)
  }

  #foldTick(receipt: BatchReceipt, { tick }: TickRun): void {
    const deadline = this.fold.nextDeadline()
    if (deadline === null || tick < deadline)
      throw this.#diverged(receipt, {
        kind: 'tick',
        first: `tick@${tick}`,
        logged: `a tick at ${tick}`,
        replayed: deadline === null ? 'no deadline' : `a deadline at ${deadline}`,
      })
    this.#inputs.append(leafOfTick(tick))
    this.#lastInputFrom = this.fold.nextSequence
    this.#guarded(receipt, () => this.fold.tick(tick))
    this.#folded += 1
    this.#counts.inputs += 1
  }

  *#foldRun(receipt: BatchReceipt, run: InputRun): Walk<void> {
    const reader = this.#readerOf(receipt, run)
    for (let left = run.count; left > 0;) {
      const limit = Math.min(left, INPUTS_PER_SLICE)
      const taken = this.#foldSlice(receipt, reader, { run, limit })
      if (taken === 0 && !(yield reader.fill(INPUTS_PER_SLICE)))
        throw this.#missing(receipt, run, reader)
      left -= taken
      if (this.#folded - this.#slicedAt >= INPUTS_PER_SLICE) {
        this.#slicedAt = this.#folded
        yield 'slice'
      }
    }
    this.#checkRunEnd(receipt, run, reader)
  }

  /** Folds what is already read, at most `limit` records; answers how many. */
  #foldSlice(
    receipt: BatchReceipt,
    reader: InputReader,
    part: { run: InputRun; limit: number },
  ): number {
    let taken = 0
    for (; taken < part.limit; taken += 1) {
      const record = reader.next()
      if (record === undefined) break
      if (record.offset > part.run.toOffset) throw this.#missing(receipt, part.run, reader)
      this.#inputs.append(leafOf(record))
      this.#lastInputFrom = this.fold.nextSequence
      this.#guarded(receipt, () => this.fold.input(reader.input, record))
    }
    this.#folded += taken
    this.#counts.inputs += taken
    return taken
  }

  /** A handler that fails on what it once accepted has been given something else. */
  #guarded(receipt: BatchReceipt, fold: () => void): void {
    try {
      fold()
    } catch (error) {
      if (!(error instanceof HandlerFailedError)) throw error
      throw this.#diverged(receipt, {
        kind: 'input_refused_by_handler',
        first: error.inputId,
        logged: 'an input that was folded',
        replayed: error.message,
      })
    }
  }

  #readerOf(receipt: BatchReceipt, run: InputRun): InputReader {
    const reader = this.readers.find(
      ({ input }) => input.topic === run.source && input.partition === run.partition,
    )
    if (reader?.position === run.fromOffset) return reader
    throw this.#diverged(receipt, {
      kind: 'input_run',
      first: `${run.source}-${run.partition}@${run.fromOffset}`,
      logged: `a run from offset ${run.fromOffset}`,
      replayed: reader === undefined ? 'no such input' : `offset ${reader.position} as the next`,
    })
  }

  #missing(receipt: BatchReceipt, run: InputRun, { position }: InputReader): ReplayDivergedError {
    return this.#diverged(receipt, {
      kind: 'input_run',
      first: `${run.source}-${run.partition}@${position}`,
      logged: `${run.count} inputs up to offset ${run.toOffset}`,
      replayed: `fewer: none of them at or after offset ${position}`,
    })
  }

  #checkRunEnd(receipt: BatchReceipt, run: InputRun, reader: InputReader): void {
    const first = `${run.source}-${run.partition}@${run.toOffset}`
    if (reader.position !== run.toOffset + 1)
      throw this.#diverged(receipt, {
        kind: 'input_run',
        first,
        logged: `${run.count} inputs up to offset ${run.toOffset}`,
        replayed: `${run.count} inputs up to offset ${reader.position - 1}`,
      })
    const logged = run.upstreamHead === null ? null : digestFromBytes(run.upstreamHead)
    if (logged !== reader.upstreamHead)
      throw this.#diverged(receipt, {
        kind: 'upstream_head',
        first,
        logged: hexOrNone(logged),
        replayed: hexOrNone(reader.upstreamHead),
      })
  }

  #checkInputs(receipt: BatchReceipt): void {
    const logged = digestFromBytes(receipt.inputsRoot)
    const replayed = this.#inputs.root()
    if (logged === replayed) return
    throw this.#diverged(receipt, {
      kind: 'inputs_root',
      first: receipt.inputRuns.map(runText).join(', '),
      logged: hexOfDigest(logged),
      replayed: hexOfDigest(replayed),
    })
  }

  #checkEvents({ sealed, events }: ReadBatch): void {
    const { receipt, link } = sealed
    events.forEach((record, index) => {
      this.#checkEvent(receipt, {
        number: link.firstEvent + index,
        record,
        made: this.#produced[index],
      })
    })
    this.#produced = this.#produced.slice(events.length)
    const next = link.firstEvent + events.length
    const out = this.#produced.length > 0 ? next - this.#lastInputFrom : 0
    if (out === link.emittedOfLastInput) return
    throw this.#diverged(receipt, {
      kind: 'event_unexpected',
      first: `${this.task}/${next}`,
      logged: `${link.emittedOfLastInput} events of the last input as out so far (0: all)`,
      replayed: `${out} of them, and ${this.#produced.length} to follow`,
    })
  }

  #checkEvent(
    receipt: BatchReceipt,
    at: { number: number; record: LogRecord; made: EventToAppend | undefined },
  ): void {
    const { number, record, made } = at
    if (made !== undefined && Buffer.compare(made.value, record.value) === 0) return
    throw this.#diverged(receipt, {
      kind: made === undefined ? 'event_missing' : 'event',
      first: `${this.task}/${number}`,
      logged: Buffer.from(record.value).toString('hex'),
      replayed: made === undefined ? 'no event' : Buffer.from(made.value).toString('hex'),
    })
  }

  #checkRules(receipt: BatchReceipt): void {
    const { logicVersion } = this.#definition.processor
    const at = { task: this.task, receipt: receipt.sequence }
    if (receipt.logicVersion !== logicVersion)
      throw new RulesChangedError(
        at,
        `written by logic version ${receipt.logicVersion}, this build has ${logicVersion}`,
      )
    if (digestFromBytes(receipt.settingsHash) !== this.#settingsHash)
      throw new RulesChangedError(at, 'written under other settings than these')
    if (this.#options.checkTenures === true) this.#checkTenure(receipt)
  }

  #checkTenure(receipt: BatchReceipt): void {
    const { tenure, owner, generation, eventCount, inputRuns } = receipt
    const takesOver = eventCount === 0 && inputRuns.length === 0
    const expected = this.#chain.tenure + (takesOver ? 1 : 0)
    const same =
      takesOver ||
      this.#tenant === undefined ||
      (this.#tenant.owner === owner && this.#tenant.generation === generation)
    if (tenure !== expected || !same)
      throw this.#diverged(receipt, {
        kind: 'tenure',
        first: `receipt ${receipt.sequence}`,
        logged: `tenure ${tenure} of ${owner}, generation ${generation}`,
        replayed: `tenure ${expected} of ${this.#tenant?.owner ?? 'anyone'}`,
      })
    this.#tenant = { owner, generation }
  }

  #diverged(receipt: BatchReceipt, difference: Difference): ReplayDivergedError {
    return new ReplayDivergedError({ task: this.task, receipt: receipt.sequence, ...difference })
  }

  #forked(
    batch: ReadBatch,
    { reason, detail }: { reason: LogForkedError['reason']; detail: string },
  ): LogForkedError {
    return new LogForkedError({ ...this.#output, offset: batch.offset }, reason, detail)
  }
}

function cursorFor(input: PartitionId, start: ReplayStart | undefined): InputCursor | undefined {
  return start?.inputs.find(
    ({ topic, partition }) => topic === input.topic && partition === input.partition,
  )
}

const hexOrNone = (digest: string | null): string =>
  digest === null ? 'none' : hexOfDigest(digest)

const runText = (run: InputRun | TickRun): string =>
  'tick' in run
    ? `tick@${run.tick}`
    : `${run.source}-${run.partition}@${run.fromOffset}…${run.toOffset}`
