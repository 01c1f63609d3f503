import { pipelineServices } from '@sluice/pipeline/services'
import type { KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import { readChain, type TaskChain } from '@sluice/testkit/task-chain'

/** What the task of each partition of ours has written so far. */
export async function chainsOf({ log, layout }: KafkaPipeline): Promise<TaskChain[]> {
  const chains: TaskChain[] = []
  for (const service of pipelineServices())
    for (let partition = 0; partition < service.taskCount(layout); partition += 1)
      chains.push(await readChain(log, { topic: service.name, partition }))
  return chains
}

/** How often the tasks have got an owner. */
export const tenuresOf = (chains: readonly TaskChain[]): number =>
  chains.reduce((sum, { valid }) => sum + (valid.at(-1)?.receipt.tenure ?? 0), 0)

/** Time of the last receipt of the task that has been silent for longest; -Infinity if one has never spoken. */
export const slowestAt = (chains: readonly TaskChain[]): number =>
  Math.min(...chains.map(({ valid }) => valid.at(-1)?.appendTime ?? -Infinity))
