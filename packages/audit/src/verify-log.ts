import { setImmediate } from 'node:timers/promises'
import { mapTasks, type PipelineTopology } from '@sluice/pipeline/topology'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { nameOf } from '@sluice/stream-runtime/definition'
import { verifyTask, type InputCoverage, type VerifyProgress } from '@sluice/stream-runtime/verify'
import { NotInLogError } from './errors.ts'

/** What verification of one task found. Hashes are hexadecimal. */
export interface TaskReport {
  readonly task: string
  readonly receipts: number
  readonly voidReceipts: number
  readonly inputs: number
  readonly events: number
  readonly lastReceipt: number
  readonly receiptHash: string
  readonly stateHash: string
  readonly coverage: readonly InputCoverage[]
}

export interface VerifyLogOptions {
  /** Only these tasks. */
  readonly tasks?: readonly string[]
  /** Only up to this receipt of each. */
  readonly upTo?: number
  readonly onProgress?: (progress: VerifyProgress) => void
}

/**
 * Replays every task of a log from the beginning and compares everything, one task after the other.
 *
 * @throws ReplayDivergedError, LogForkedError, RulesChangedError: the log is not sound, with task, receipt and event;
 *   NotInLogError if it has no such task or receipt.
 */
export async function verifyLog(
  log: StreamLog,
  topology: PipelineTopology,
  options: VerifyLogOptions = {},
): Promise<TaskReport[]> {
  const { tasks, upTo } = options
  const all = mapTasks(log, topology, definition => ({
    name: nameOf(definition),
    verify: verifier(definition, options),
  }))
  const names = all.map(({ name }) => name)
  const unknown = tasks?.find(task => !names.includes(task))
  if (unknown !== undefined)
    throw new NotInLogError(`there is no task ${unknown} in this log: ${names.join(', ')}`)
  const reports: TaskReport[] = []
  for (const { name, verify } of all) {
    if (tasks === undefined || tasks.includes(name)) reports.push(await verify())
  }
  const short = reports.find(({ lastReceipt }) => lastReceipt < (upTo ?? 0))
  if (short === undefined) return reports
  throw new NotInLogError(
    `${short.task} has ${short.lastReceipt} receipts in this log, and none with sequence ${upTo}`,
  )
}

function verifier<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  { upTo, onProgress }: VerifyLogOptions,
): () => Promise<TaskReport> {
  return async () => {
    const walk = verifyTask(definition, upTo === undefined ? {} : { upTo })
    for (;;) {
      const { done, value } = await walk.next()
      if (done !== true) {
        onProgress?.(value)
        await setImmediate()
        continue
      }
      const {
        task,
        receipts,
        voidReceipts,
        inputs,
        events,
        sequence: lastReceipt,
        receiptHash,
        stateHash,
        coverage,
      } = value
      return {
        task,
        receipts,
        voidReceipts,
        inputs,
        events,
        lastReceipt,
        receiptHash,
        stateHash,
        coverage,
      }
    }
  }
}
