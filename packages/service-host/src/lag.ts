import { isReceipt } from '@sluice/contracts/codec'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'

/** A task, as far as its lag goes. */
export interface ReadingTask {
  readonly name: string
  /** Offset after the last folded record of each input. */
  positions(): readonly (PartitionId & { readonly position: number })[]
}

/** How far a task is behind its inputs. */
export interface Lag {
  readonly task: string
  readonly lagRecords: number
  /** Age of the oldest record not yet folded; 0 when there is none. */
  readonly lagSeconds: number
}

const MS_PER_SECOND = 1000
const RECORDS_LOOKED_AT = 256

/**
 * Measures a task's lag at `now`. Receipts are no inputs: those right behind the position, up to 256, count for nothing, so that a task
 * whose upstream says nothing new has no lag. Further on they count as records.
 */
export async function lagOf(task: ReadingTask, log: StreamLog, now: number): Promise<Lag> {
  let lagRecords = 0
  let oldest = now
  for (const { topic, partition, position } of task.positions()) {
    const behind = (await log.end({ topic, partition })) - position
    if (behind <= 0) continue
    const next = await log.read({ topic, partition }, position, RECORDS_LOOKED_AT)
    const first = next.find(({ value }) => !isReceipt(value))
    lagRecords += behind - next.filter(({ value }) => isReceipt(value)).length
    oldest = Math.min(oldest, first?.appendTime ?? now)
  }
  return { task: task.name, lagRecords, lagSeconds: (now - oldest) / MS_PER_SECOND }
}
