import { mapTasks, type PipelineTopology } from '@sluice/pipeline/topology'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { verifyTask, type InputCoverage, type VerifyProgress } from '@sluice/stream-runtime/verify'

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
  /** Only this task. */
  readonly task?: string
  /** Only up to this receipt of it. */
  readonly upTo?: number
  readonly onProgress?: (progress: VerifyProgress) => void
}

/**
 * Replays every task of a log from the beginning and compares everything, one task after the other.
 *
 * @throws ReplayDivergedError, LogForkedError, RulesChangedError: the log is not sound, with task, receipt and event.
 */
export async function verifyLog(
  log: StreamLog,
  topology: PipelineTopology,
  options: VerifyLogOptions = {},
): Promise<TaskReport[]> {
  const reports: TaskReport[] = []
  for (const verify of mapTasks(log, topology, definition => verifier(definition, options))) {
    const report = await verify()
    if (report !== undefined) reports.push(report)
  }
  return reports
}

function verifier<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  { task, upTo, onProgress }: VerifyLogOptions,
): () => Promise<TaskReport | undefined> {
  return async () => {
    const name = `${definition.processor.service}-${definition.partition}`
    if (task !== undefined && task !== name) return undefined
    const walk = verifyTask(definition, upTo === undefined ? {} : { upTo })
    for (;;) {
      const { done, value } = await walk.next()
      if (done !== true) {
        onProgress?.(value)
        continue
      }
      const {
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
        task: name,
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
