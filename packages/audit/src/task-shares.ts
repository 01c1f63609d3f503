import { mapTasks, type PipelineTopology } from '@sluice/pipeline/topology'
import { nameOf } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { inputRecordsOf } from '@sluice/stream-runtime/verify'

/** A task and about how long its replay takes. */
export interface TaskSize {
  readonly task: string
  /** Records of all its inputs. */
  readonly records: number
}

/** The tasks of a log, in the order of the way of a tick. */
export async function taskSizes(log: StreamLog, topology: PipelineTopology): Promise<TaskSize[]> {
  return Promise.all(
    mapTasks(log, topology, async definition => ({
      task: nameOf(definition),
      records: await inputRecordsOf(definition),
    })),
  )
}

export const recordsOfTasks = (tasks: readonly TaskSize[]): number =>
  tasks.reduce((sum, { records }) => sum + records, 0)

/**
 * Cuts tasks into at most `workers` shares of about the same work: the longest task goes first, each to the share that has least so
 * far. The largest share comes first, none is empty, and within each the tasks keep their order.
 */
export function shareTasks(tasks: readonly TaskSize[], workers: number): TaskSize[][] {
  const shares = Array.from({ length: Math.min(workers, tasks.length) }, (): TaskSize[] => [])
  for (const task of tasks.toSorted((a, b) => b.records - a.records))
    shares.reduce((a, b) => (recordsOfTasks(b) < recordsOfTasks(a) ? b : a)).push(task)
  return shares
    .toSorted((a, b) => recordsOfTasks(b) - recordsOfTasks(a))
    .map(share => tasks.filter(task => share.includes(task)))
}
