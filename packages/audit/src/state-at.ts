import { Decimal } from '@sluice/domain/decimal'
import { mapTasks, type PipelineTopology } from '@sluice/pipeline/topology'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import { nameOf } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { verifyTask, type VerifiedTask } from '@sluice/stream-runtime/verify'
import { NotInLogError } from './errors.ts'

/** A task's state after one of its receipts, for people and tools. Hashes are hexadecimal. */
export interface StateAt {
  readonly task: string
  readonly receipt: number
  readonly receiptHash: string
  readonly stateHash: string
  /** Task time, milliseconds since 1970. */
  readonly time: number
  /** The state as plain data: maps as objects, decimals as text. */
  readonly state: unknown
}

/**
 * The state of one task after receipt `at`, or after the last one.
 *
 * @throws NotInLogError if there is no such task or receipt; what verification throws if the log is not sound up to there.
 */
export async function stateAt(
  { log, topology }: { log: StreamLog; topology: PipelineTopology },
  task: string,
  at?: number,
): Promise<StateAt> {
  const tasks = mapTasks(log, topology, definition => ({
    name: nameOf(definition),
    look: looker(definition, at),
  }))
  const found = tasks.find(({ name }) => name === task)
  if (found === undefined)
    throw new NotInLogError(
      `there is no task ${task} in this log: ${tasks.map(({ name }) => name).join(', ')}`,
    )
  const state = await found.look()
  if (at !== undefined && state.receipt !== at)
    throw new NotInLogError(
      `${task} has ${state.receipt} receipts in this log, and none with sequence ${at}`,
    )
  return state
}

function looker<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  upTo: number | undefined,
): () => Promise<StateAt> {
  return async () => {
    const found = await lastOf(verifyTask(definition, upTo === undefined ? {} : { upTo }))
    const { task, sequence: receipt, receiptHash, stateHash, now: time } = found
    return {
      task,
      receipt,
      receiptHash,
      stateHash,
      time,
      state: plainState(definition.processor.describe?.(found.state) ?? found.state),
    }
  }
}

async function lastOf<State>(
  walk: AsyncGenerator<unknown, VerifiedTask<State>>,
): Promise<VerifiedTask<State>> {
  for (;;) {
    const { done, value } = await walk.next()
    if (done === true) return value
  }
}

/** Any value of a state as plain data. What JSON has no number for is text: a deadline that is never is "Infinity". */
function plainState(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return String(value)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Decimal) return value.toFixed()
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, held]) => [String(key), plainState(held)]))
  if (value instanceof Set || Array.isArray(value) || ArrayBuffer.isView(value))
    return [...(value as Iterable<unknown>)].map(plainState)
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, plainState(held)]))
}
