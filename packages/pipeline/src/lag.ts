import type { StreamLog } from '@sluice/stream-runtime/log'
import type { PipelineTask } from './tasks.ts'

/** How far a task is behind its inputs. */
export interface Lag {
  readonly task: string
  readonly lagRecords: number
  /** Age of the oldest record not yet folded; 0 when there is none. */
  readonly lagSeconds: number
}

const MS_PER_SECOND = 1000

/** Measures a task's lag at `now`. Receipts of other tasks count as records until something behind them is folded. */
export async function lagOf(task: PipelineTask, log: StreamLog, now: number): Promise<Lag> {
  let lagRecords = 0
  let oldest = now
  for (const { topic, partition, position } of task.positions()) {
    const behind = (await log.end({ topic, partition })) - position
    if (behind <= 0) continue
    lagRecords += behind
    const [next] = await log.read({ topic, partition }, position, 1)
    oldest = Math.min(oldest, next?.appendTime ?? now)
  }
  return { task: task.name, lagRecords, lagSeconds: (now - oldest) / MS_PER_SECOND }
}
