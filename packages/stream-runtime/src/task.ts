import { randomUUID } from 'node:crypto'
import type { BatchReceipt, SluiceEvent } from '@sluice/contracts/generated/events'
import { BatchReader, checkSound } from './batch-reader.ts'
import { DEFAULT_TASK_LIMITS, OpenBatch, type CutBatch, type TaskLimits } from './batch.ts'
import { ColdStart } from './cold-start.ts'
import { nameOf, outputOf, settingsHashOf, type TaskDefinition } from './definition.ts'
import { bytesOfDigest } from './digest.ts'
import { LogForkedError, TaskEndedError } from './errors.ts'
import type { Fold } from './fold.ts'
import { leafOf, type InputReader } from './inputs.ts'
import {
  NoAnswerError,
  ReceiptToAppend,
  type EventToAppend,
  type PartitionId,
  type RecordToAppend,
} from './log.ts'
import { leafOfTick, MerkleAccumulator, rootOfEvents } from './merkle.ts'
import {
  answered,
  found,
  hasReadUpToAnswer,
  newOwnership,
  send,
  settle,
  settleTail,
  type Ownership,
} from './owner.ts'
import { writeReceipt, type SealedReceipt } from './receipt.ts'
import { Replay } from './replay.ts'
import { newestUsable, type SnapshotStore } from './snapshots.ts'

/** A batch that is confirmed: from now on it is a fact. */
export interface ConfirmedBatch {
  readonly task: string
  readonly receipt: BatchReceipt
  readonly events: readonly SluiceEvent[]
}

export interface TaskOptions {
  /** Random at every start; in a simulation given, so that the log's bytes depend on the arguments alone. */
  readonly owner?: string
  /** Group generation of the assignment; a later one makes an earlier owner yield (rule 10). */
  readonly generation?: number
  readonly limits?: Partial<TaskLimits>
  readonly snapshots?: SnapshotStore
  /** Called after each confirmation, never for a guess. */
  readonly onConfirmed?: (batch: ConfirmedBatch) => void
}

/**
 * `ended`: the task has yielded or was fenced. `unanswered`: the log did not answer, and the next step sends the same bytes again.
 * `waiting`: nothing to do until the log has changed or the deadline has come.
 */
export type StepOutcome = 'recovering' | 'worked' | 'waiting' | 'unanswered' | 'ended'

export interface StepResult {
  readonly outcome: StepOutcome
  /** Inputs folded in this step. */
  readonly folded: number
  /** Events confirmed in this step. */
  readonly emitted: number
}

export interface InputPosition extends PartitionId {
  readonly position: number
  readonly voidBatches: number
}

interface Pending {
  readonly records: readonly RecordToAppend[]
  readonly sealed: SealedReceipt
  readonly events: readonly EventToAppend[]
}

const isDry = (reader: InputReader): boolean => reader.isDry()

const EMPTY_ROOT = new MerkleAccumulator().root()

/**
 * One task, driven from outside one step at a time: it recovers by replay, takes the task over, and then folds, appends and confirms,
 * by the rules in `owner.ts`. It has no clock and no timer. Whatever it throws ends it: its state is a guess then, and a new `Task`
 * starts from the log.
 */
export class Task<State, In extends { readonly type: string }, Out> {
  readonly name: string
  readonly #definition: TaskDefinition<State, In, Out>
  readonly #limits: TaskLimits
  readonly #options: TaskOptions
  readonly #output: PartitionId
  readonly #settingsHash: Uint8Array
  readonly #owner: string
  readonly #batch: OpenBatch
  readonly #own: BatchReader
  #replay: Replay<State, In, Out> | undefined
  #fold: Fold<State, In, Out> | undefined
  #readers: readonly InputReader[] = []
  #coldStart: ColdStart | undefined
  #ownership: Ownership | undefined
  #pending: Pending | undefined
  #flushAsked = false
  #failed = false
  #isStepping = false
  #folded = 0
  #emitted = 0

  constructor(definition: TaskDefinition<State, In, Out>, options: TaskOptions = {}) {
    this.name = nameOf(definition)
    this.#definition = definition
    this.#options = options
    this.#limits = { ...DEFAULT_TASK_LIMITS, ...options.limits }
    this.#output = outputOf(definition)
    this.#settingsHash = bytesOfDigest(settingsHashOf(definition))
    this.#owner = options.owner ?? randomUUID()
    this.#batch = new OpenBatch(this.#limits)
    this.#own = new BatchReader(definition.log, this.#output, 0)
  }

  get phase(): Ownership['phase'] {
    return this.#ownership?.phase ?? 'recovering'
  }

  get isReady(): boolean {
    return this.#fold !== undefined && !this.hasEnded
  }

  get hasEnded(): boolean {
    return this.#failed || this.phase === 'fenced' || this.phase === 'yielded'
  }

  /** Sequence of the last confirmed receipt; 0 before the first. */
  get sequence(): number {
    return this.#ownership?.cursor.sequence ?? 0
  }

  /** Inputs folded since the last receipt. */
  get inputsWithoutReceipt(): number {
    return this.#batch.inputCount
  }

  /** Offset after the last folded record of each input, for measuring lag, and the void batches skipped on the way. */
  positions(): readonly InputPosition[] {
    return this.#readers.map(({ input: { topic, partition }, position, voidBatches }) => ({
      topic,
      partition,
      position,
      voidBatches,
    }))
  }

  /**
   * The state, if all that was folded into it is confirmed; undefined while it is a guess (rule 5).
   * It is the task's own object: look, and do not keep.
   */
  confirmedState(): State | undefined {
    const settled = this.phase === 'owning' && !this.#failed && this.#batch.isEmpty
    return settled ? this.#fold?.state : undefined
  }

  /** Task time at which the processor wants a tick; none in a cold start: time is the log's until it has been read. */
  nextDeadline(): number | null {
    return this.isReady && this.#coldStart === undefined
      ? (this.#fold?.nextDeadline() ?? null)
      : null
  }

  /**
   * Delivers a tick if the deadline has come; it is recorded and goes out with the next step. Whether it was delivered.
   * While an append is unconfirmed no tick is taken: it comes later, never earlier.
   */
  tick(time: number): boolean {
    const fold = this.#fold
    if (
      fold === undefined ||
      this.phase !== 'owning' ||
      this.#coldStart !== undefined ||
      this.#batch.isContinuing ||
      this.#batch.isFull
    )
      return false
    const deadline = fold.nextDeadline()
    if (deadline === null || deadline > time) return false
    this.#batch.addTick(time)
    this.#batch.beginInput(leafOfTick(time))
    this.#guardedSync(() => fold.tick(time))
    return true
  }

  /**
   * Whether the next step would find nothing to do, as far as that is known without asking the log: whoever drives many tasks need
   * not step this one.
   */
  get isIdle(): boolean {
    return (
      this.phase === 'owning' &&
      !this.#failed &&
      !this.#flushAsked &&
      this.#coldStart === undefined &&
      this.#batch.eventCount === 0 &&
      !this.#batch.isFull &&
      this.#isAtOwnEnd() &&
      this.#readers.every(isDry)
    )
  }

  /** The next step gives the inputs that emitted nothing a receipt of their own. */
  flush(): void {
    this.#flushAsked = true
  }

  /**
   * One bounded step: a slice of recovery, a takeover, or a chunk of each input folded, appended and confirmed.
   *
   * @throws LogForkedError, ReplayDivergedError, RulesChangedError, HandlerFailedError; TaskEndedError after any of them.
   */
  async step(): Promise<StepResult> {
    if (this.#failed) throw new TaskEndedError(`${this.name} has failed before: start a new Task`)
    if (this.#isStepping)
      throw new TaskEndedError(`${this.name} is in a step already: await it before the next`)
    this.#isStepping = true
    this.#folded = 0
    this.#emitted = 0
    try {
      const outcome = await this.#step()
      if (outcome === 'ended') this.#discard()
      return { outcome, folded: this.#folded, emitted: this.#emitted }
    } catch (error) {
      this.#failed = true
      throw error
    } finally {
      this.#isStepping = false
    }
  }

  /** Steps until the task is owned (true) or has ended (false). @throws NoAnswerError if the log does not answer. */
  async start(): Promise<boolean> {
    while (this.phase !== 'owning') {
      const { outcome } = await this.step()
      if (outcome === 'ended') return false
      if (outcome === 'unanswered')
        throw new NoAnswerError(`${this.#output.topic} did not answer the takeover`)
    }
    return true
  }

  /** Rule 9: the whole state goes. */
  #discard(): void {
    this.#fold = undefined
    this.#replay = undefined
    this.#readers = []
  }

  async #step(): Promise<StepOutcome> {
    switch (this.phase) {
      case 'recovering':
        return this.#recover()
      case 'claiming':
      case 'appending':
        return this.#resend()
      case 'owning':
        return this.#work()
      case 'fenced':
      case 'yielded':
        return 'ended'
    }
  }

  /** The step that takes over replays nothing: replay takes time, and whoever wants the task stopped by then is heard before it. */
  async #recover(): Promise<StepOutcome> {
    const replay = (this.#replay ??= await this.#openReplay())
    const { receipts } = replay.counts
    const hasMore = await replay.advance(this.#limits.recoveryInputsPerStep)
    if (hasMore || replay.counts.receipts > receipts) return 'recovering'
    const identity = { owner: this.#owner, generation: this.#options.generation ?? 0 }
    this.#ownership = newOwnership(identity, replay.chain)
    this.#own.seek(replay.chain.offset)
    const { emittedOfLastInput } = replay.chain
    const nothing = { inputRuns: [], inputsRoot: EMPTY_ROOT, events: [], emittedOfLastInput }
    return this.#append(nothing, replay.chain.tenure + 1)
  }

  async #openReplay(): Promise<Replay<State, In, Out>> {
    const { snapshots } = this.#options
    const start = snapshots && (await newestUsable(this.#definition, snapshots))
    return new Replay(this.#definition, start === undefined ? {} : { start })
  }

  /** The takeover counts: what was replayed is now the live state. */
  #takeUp(): void {
    const replay = this.#replay
    if (replay === undefined) return
    this.#replay = undefined
    this.#fold = replay.fold
    this.#readers = replay.readers
    const cold = new ColdStart(this.#definition.log, replay.readers)
    this.#coldStart = cold.isOver ? undefined : cold
    this.#batch.continueWith(replay.remainder, replay.chain.emittedOfLastInput)
    replay.fold.emitTo(this.#batch)
  }

  async #work(): Promise<StepOutcome> {
    if (!this.#isAtOwnEnd()) await this.#tail()
    if (this.hasEnded) return 'ended'
    if (!this.#batch.isContinuing) await this.#foldChunks()
    const hasOutput = this.#batch.eventCount > 0 || this.#batch.isFull
    const flushes = this.#flushAsked && !this.#batch.isEmpty
    this.#flushAsked = false
    if (hasOutput || flushes) return this.#commit()
    return this.#folded > 0 ? 'worked' : 'waiting'
  }

  #isAtOwnEnd(): boolean {
    return this.#definition.log.isKnownEnd(this.#output, this.#state().cursor.offset)
  }

  /** Rule 10: an owner reads the end of its own partition too. */
  async #tail(): Promise<void> {
    const before = this.#state()
    const end = await this.#definition.log.end(this.#output)
    if (end === before.cursor.offset) return
    if (end < before.cursor.offset) throw this.#dataLost(end)
    let after = before
    for (;;) {
      const batch = await this.#own.next()
      if (batch === undefined) break
      after = this.#find(after, batch)
    }
    this.#ownership = settleTail(before, after)
  }

  async #foldChunks(): Promise<void> {
    const cold = this.#coldStart
    for (const reader of (cold && (await cold.next())) ?? this.#readers) {
      let left = this.#limits.chunkRecords
      while (left > 0 && !this.#batch.isFull && !reader.isDry()) {
        if (!(await reader.fill(left))) break
        left -= this.#foldFrom(reader, left)
      }
    }
    if (cold !== undefined && (await cold.next()) === undefined) this.#coldStart = undefined
  }

  /** Folds what is already read, at most `limit` records; answers how many. */
  #foldFrom(reader: InputReader, limit: number): number {
    const fold = this.#live()
    const batch = this.#batch
    const run = batch.runOf(reader)
    let taken = 0
    while (taken < limit) {
      const record = reader.next()
      if (record === undefined) break
      batch.beginInput(leafOf(record))
      fold.input(reader.input, record)
      run.toOffset = record.offset
      taken += 1
      if (batch.isFull) break
    }
    run.count += taken
    run.upstreamHead = reader.upstreamHead
    this.#folded += taken
    return taken
  }

  /** Appends everything open, one receipt after the other (rule 5). */
  async #commit(): Promise<StepOutcome> {
    while (!this.#batch.isEmpty) {
      const outcome = await this.#append(this.#batch.cut(), this.#state().cursor.tenure)
      if (outcome !== 'worked') return outcome
    }
    return 'worked'
  }

  async #append(cut: CutBatch, tenure: number): Promise<StepOutcome> {
    const receipt = writeReceipt(this.#receiptOf(cut, tenure))
    const records = [new ReceiptToAppend(receipt.bytes, receipt), ...cut.events]
    this.#pending = { records, sealed: receipt, events: cut.events }
    this.#ownership = send(this.#state(), receipt.link)
    return this.#attempt(this.#pending)
  }

  #receiptOf(cut: CutBatch, tenure: number): BatchReceipt {
    const { cursor, owner, generation } = this.#state()
    return {
      task: this.name,
      sequence: cursor.sequence + 1,
      previousHash: bytesOfDigest(cursor.head),
      tenure,
      owner,
      generation,
      firstEvent: cursor.lastEvent + 1,
      eventCount: cut.events.length,
      emittedOfLastInput: cut.emittedOfLastInput,
      inputRuns: cut.inputRuns,
      inputsRoot: bytesOfDigest(cut.inputsRoot),
      eventsRoot: bytesOfDigest(rootOfEvents(cut.events.map(({ value }) => value))),
      logicVersion: this.#definition.processor.logicVersion,
      settingsHash: this.#settingsHash,
      stateHash: null,
    }
  }

  /** Rule 7: the same bytes. */
  async #resend(): Promise<StepOutcome> {
    if (this.#pending === undefined)
      throw new TaskEndedError(`${this.name} has nothing to send again`)
    const outcome = await this.#attempt(this.#pending)
    if (outcome !== 'worked' || this.phase !== 'owning') return outcome
    return this.#batch.isContinuing ? this.#commit() : outcome
  }

  async #attempt(pending: Pending): Promise<StepOutcome> {
    let base: number
    try {
      base = await this.#definition.log.append(this.#output, pending.records)
    } catch (error) {
      if (error instanceof NoAnswerError) return 'unanswered'
      throw error
    }
    await this.#confirm(base)
    return this.#outcomeOf(pending)
  }

  /** Rule 6. */
  async #confirm(base: number): Promise<void> {
    const before = this.#state()
    const answer = answered(before, base)
    if (answer.kind === 'data_lost') throw this.#dataLost(base)
    this.#ownership = answer.ownership
    if (answer.kind === 'settled') {
      this.#own.seek(answer.ownership.cursor.offset)
      return
    }
    let reading = answer.ownership
    while (!hasReadUpToAnswer(reading)) {
      const batch = await this.#own.next()
      if (batch === undefined) throw this.#dataLost(base)
      reading = this.#find(reading, batch)
    }
    this.#ownership = settle(reading)
  }

  #outcomeOf({ sealed, events }: Pending): StepOutcome {
    this.#pending = undefined
    const { phase, cursor } = this.#state()
    if (phase === 'recovering') return 'recovering'
    if (cursor.head === sealed.link.hash) {
      this.#takeUp()
      this.#emitted += events.length
      this.#options.onConfirmed?.({
        task: this.name,
        receipt: sealed.receipt,
        events: events.map(({ event }) => event),
      })
    }
    return this.hasEnded ? 'ended' : 'worked'
  }

  /** Judges one more batch of the own partition. */
  #find(ownership: Ownership, batch: Parameters<typeof checkSound>[1]): Ownership {
    const { ownership: after, verdict } = found(ownership, batch.sealed.link)
    if (verdict.kind === 'fork')
      throw new LogForkedError(
        { ...this.#output, offset: batch.offset },
        verdict.reason,
        verdict.detail,
      )
    if (verdict.kind === 'valid') checkSound(this.#output, batch)
    return after
  }

  #dataLost(base: number): LogForkedError {
    const { offset } = this.#state().cursor
    const place = { ...this.#output, offset: base }
    return new LogForkedError(
      place,
      'confirmed_batch_lost',
      `everything up to ${offset} was confirmed or read, and now the log ends or answers at ${base}`,
    )
  }

  #guardedSync(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#failed = true
      throw error
    }
  }

  #state(): Ownership {
    if (this.#ownership === undefined)
      throw new TaskEndedError(`${this.name} has not recovered yet`)
    return this.#ownership
  }

  #live(): Fold<State, In, Out> {
    if (this.#fold === undefined) throw new TaskEndedError(`${this.name} has not taken over yet`)
    return this.#fold
  }
}
