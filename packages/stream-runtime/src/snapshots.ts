import type { ChainCursor } from './chain.ts'
import { nameOf, outputOf, settingsHashOf, type TaskDefinition } from './definition.ts'
import { digestFromHex, hexOfDigest, sha256 } from './digest.ts'
import { SnapshotDamagedError } from './errors.ts'
import type { InputCursor } from './inputs.ts'
import { Replay, type ReplayStart } from './replay.ts'

/** What a snapshot is of. Digests are hexadecimal, so that the manifest is text. */
export interface SnapshotManifest {
  readonly task: string
  /** Digest of the receipt that the state stands after; the snapshot's key. */
  readonly receiptHash: string
  readonly sequence: number
  /** Where the receipt lies in the task's own partition. */
  readonly receiptOffset: number
  /** The own chain after that receipt, the offset included; `head` is `receiptHash`. */
  readonly chain: ChainCursor
  readonly inputs: readonly InputCursor[]
  /** Task time. */
  readonly now: number
  readonly logicVersion: number
  readonly settingsHash: string
  readonly stateHash: string
  readonly stateBytes: number
}

export interface Snapshot {
  readonly manifest: SnapshotManifest
  /** Canonical: what the processor's `snapshot` gave. */
  readonly state: Uint8Array
}

/** The port to a place where snapshots are kept. They are an optimisation: every one of them may be deleted. */
export interface SnapshotStore {
  /** Whole or not at all: the manifest is written last. */
  save(snapshot: Snapshot): Promise<void>
  /** The newest (highest sequence) of the task whose manifest is accepted. */
  newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined>
}

/**
 * The snapshot of where a replay stands, which must be the end of a receipt; undefined in the middle of a long output and
 * before the first receipt, where none can be taken.
 */
export function snapshotOf<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  replay: Replay<State, In, Out>,
): Snapshot | undefined {
  const { chain, receiptOffset, readers, fold } = replay
  if (receiptOffset < 0 || chain.emittedOfLastInput > 0) return undefined
  const state = definition.processor.snapshot(fold.state)
  const manifest: SnapshotManifest = {
    task: nameOf(definition),
    receiptHash: hexOfDigest(chain.head),
    sequence: chain.sequence,
    receiptOffset,
    chain: withHexHead(chain),
    inputs: readers.map(reader => withHexHeads(reader.cursor())),
    now: fold.now,
    logicVersion: definition.processor.logicVersion,
    settingsHash: hexOfDigest(settingsHashOf(definition)),
    stateHash: hexOfDigest(sha256(state)),
    stateBytes: state.length,
  }
  return { manifest, state }
}

/**
 * The newest snapshot that this task may start from: same rules, and its receipt lies in the log where the manifest says. A receipt
 * that was valid stays valid, so nothing before it needs to be read.
 *
 * @throws SnapshotDamagedError if its state is not what the manifest says.
 */
export async function newestUsable<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  store: SnapshotStore,
): Promise<ReplayStart | undefined> {
  const task = nameOf(definition)
  const snapshot = await store.newest(task, manifest => isUsable(definition, manifest))
  if (snapshot === undefined) return undefined
  const { manifest, state } = snapshot
  if (hexOfDigest(sha256(state)) !== manifest.stateHash)
    throw new SnapshotDamagedError(
      `the snapshot of ${task} at receipt ${manifest.sequence} (${manifest.receiptHash}) has other bytes than its manifest says: delete it`,
    )
  const inputs = manifest.inputs.map(withBinaryHeads)
  return {
    state,
    now: manifest.now,
    chain: withBinaryHead(manifest.chain),
    receiptOffset: manifest.receiptOffset,
    inputs,
  }
}

async function isUsable<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  manifest: SnapshotManifest,
): Promise<boolean> {
  const { processor, log } = definition
  if (manifest.logicVersion !== processor.logicVersion) return false
  if (manifest.settingsHash !== hexOfDigest(settingsHashOf(definition))) return false
  const output = outputOf(definition)
  if ((await log.end(output)) <= manifest.receiptOffset) return false
  const [record] = await log.read(output, manifest.receiptOffset, 1)
  return record !== undefined && hexOfDigest(sha256(record.value)) === manifest.receiptHash
}

/** Replays a confirmed log beside the live task and cuts snapshots from it: the live task never pauses for one. */
export class SnapshotFollower<State, In extends { readonly type: string }, Out> {
  readonly #definition: TaskDefinition<State, In, Out>
  readonly #store: SnapshotStore
  readonly #everyInputs: number
  #replay: Replay<State, In, Out> | undefined
  #savedAtInputs = 0

  constructor(
    definition: TaskDefinition<State, In, Out>,
    store: SnapshotStore,
    options: { readonly everyInputs: number },
  ) {
    this.#definition = definition
    this.#store = store
    this.#everyInputs = options.everyInputs
  }

  /** Replays one more receipt, and saves a snapshot when enough inputs have passed; false at the end of the log. */
  async advance(): Promise<boolean> {
    const replay = (this.#replay ??= await this.#open())
    if (!(await replay.advanceReceipt())) return false
    if (replay.counts.inputs - this.#savedAtInputs >= this.#everyInputs) await this.save()
    return true
  }

  /** Saves where the replay stands; whether a snapshot could be taken there. */
  async save(): Promise<boolean> {
    const replay = this.#replay
    const snapshot = replay && snapshotOf(this.#definition, replay)
    if (replay === undefined || snapshot === undefined) return false
    await this.#store.save(snapshot)
    this.#savedAtInputs = replay.counts.inputs
    return true
  }

  async #open(): Promise<Replay<State, In, Out>> {
    const start = await newestUsable(this.#definition, this.#store)
    return new Replay(this.#definition, start === undefined ? {} : { start })
  }
}

const withHexHead = (chain: ChainCursor): ChainCursor => ({
  ...chain,
  head: hexOfDigest(chain.head),
})

const withBinaryHead = (chain: ChainCursor): ChainCursor => ({
  ...chain,
  head: digestFromHex(chain.head),
})

const withHexHeads = (cursor: InputCursor): InputCursor => ({
  ...cursor,
  chain: cursor.chain && withHexHead(cursor.chain),
})

const withBinaryHeads = (cursor: InputCursor): InputCursor => ({
  ...cursor,
  chain: cursor.chain && withBinaryHead(cursor.chain),
})
