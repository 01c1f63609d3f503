import { nameOf, type TaskDefinition } from './definition.ts'
import { hexOfDigest, sha256 } from './digest.ts'
import { Replay, type ReplayCounts } from './replay.ts'

export interface VerifyProgress extends ReplayCounts {
  readonly task: string
  /** Records of all its inputs passed so far, and how many there were when verification began. */
  readonly passed: number
  readonly total: number
}

/** How much of an input partition the receipts speak for. All of it lies before `coveredTo`, without gap or overlap. */
export interface InputCoverage {
  readonly topic: string
  readonly partition: number
  readonly coveredTo: number
  /** End of the partition; records between are not folded yet, or are receipts without events. */
  readonly end: number
}

export interface VerifiedTask<State> extends ReplayCounts {
  readonly task: string
  /** Sequence of the last receipt replayed. */
  readonly sequence: number
  /** Digest of that receipt, hexadecimal. */
  readonly receiptHash: string
  readonly state: State
  /** Hexadecimal SHA-256 of the canonical snapshot. */
  readonly stateHash: string
  /** Task time. */
  readonly now: number
  readonly coverage: readonly InputCoverage[]
}

export interface VerifyOptions {
  /** Stop after this receipt. */
  readonly upTo?: number
  /** Inputs between two reports of progress. */
  readonly inputsPerProgress?: number
}

/**
 * Replays a task from the very beginning of the log and compares everything: every event byte for byte, every root, every run (each must
 * begin where the last of its partition ended), every tick against the deadline that asked for it, and the tenure of every receipt.
 * Yields progress; returns what was verified.
 *
 * @throws ReplayDivergedError, LogForkedError, RulesChangedError
 */
export async function* verifyTask<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  options: VerifyOptions = {},
): AsyncGenerator<VerifyProgress, VerifiedTask<State>> {
  const { upTo, inputsPerProgress = 16_384 } = options
  const replay = new Replay(definition, {
    checkTenures: true,
    ...(upTo === undefined ? {} : { upTo }),
  })
  const task = nameOf(definition)
  const total = await inputRecordsOf(definition)
  while (await replay.advance(inputsPerProgress)) {
    const passed = replay.readers.reduce((sum, { position }) => sum + position, 0)
    yield { task, ...replay.counts, passed, total }
  }
  return {
    task,
    ...replay.counts,
    sequence: replay.chain.sequence,
    receiptHash: hexOfDigest(replay.chain.head),
    state: replay.fold.state,
    stateHash: stateHashOf(definition.processor, replay.fold.state),
    now: replay.fold.now,
    coverage: await coverageOf(definition, replay),
  }
}

/** Hexadecimal SHA-256 of the canonical snapshot of a state. */
export function stateHashOf<State>(
  processor: { snapshot(state: State): Uint8Array },
  state: State,
): string {
  return hexOfDigest(sha256(processor.snapshot(state)))
}

/** Records that a task's inputs hold: what its replay takes grows with them. */
export async function inputRecordsOf<State, In extends { readonly type: string }, Out>({
  log,
  inputs,
}: TaskDefinition<State, In, Out>): Promise<number> {
  const ends = await Promise.all(inputs.map(input => log.end(input)))
  return ends.reduce((sum, end) => sum + end, 0)
}

async function coverageOf<State, In extends { readonly type: string }, Out>(
  { log }: TaskDefinition<State, In, Out>,
  replay: Replay<State, In, Out>,
): Promise<InputCoverage[]> {
  const coverage: InputCoverage[] = []
  for (const { input, position } of replay.readers) {
    const { topic, partition } = input
    coverage.push({ topic, partition, coveredTo: position, end: await log.end(input) })
  }
  return coverage
}
