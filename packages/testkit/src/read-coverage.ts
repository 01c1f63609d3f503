import { isOurs, topicSpec } from '@sluice/contracts/topics'
import { pipelineServices } from '@sluice/pipeline/services'
import type { Layout } from '@sluice/service-host/layout'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import { coverageFaults } from './coverage.ts'
import { readChain, type TaskChain } from './task-chain.ts'

/** What the receipts of all tasks say of what was read. */
export interface Coverage {
  readonly chains: ReadonlyMap<string, TaskChain>
  /** Gaps and overlaps, in words. */
  readonly faults: readonly string[]
  /** Inputs that no receipt speaks for yet, over all tasks. */
  readonly unread: number
}

/** Reads every task's receipts and holds them against what its inputs hold. */
export async function readCoverage(log: StreamLog, layout: Layout): Promise<Coverage> {
  const chains = new Map<string, TaskChain>()
  const tasks = pipelineServices().flatMap(service =>
    Array.from({ length: service.taskCount(layout) }, (_, partition) => ({
      id: { topic: service.name, partition },
      inputs: service.inputs(layout, partition),
    })),
  )
  for (const { id } of tasks) chains.set(nameOf(id), await readChain(log, id))
  const faults: string[] = []
  let unread = 0
  for (const { id, inputs } of tasks) {
    const chain = chains.get(nameOf(id))
    if (chain === undefined) continue
    for (const { topic, partition } of inputs) {
      const folded = await foldedOf(log, chains, { topic, partition })
      const found = coverageFaults(chain, { topic, partition, folded })
      faults.push(...found.faults)
      unread += found.unread
    }
  }
  return { chains, faults, unread }
}

/** Of our topics events are folded, of the exchange's everything. */
async function foldedOf(
  log: StreamLog,
  chains: ReadonlyMap<string, TaskChain>,
  input: PartitionId,
): Promise<readonly number[]> {
  if (isOurs(topicSpec(input.topic))) return chains.get(nameOf(input))?.events ?? []
  return Array.from({ length: await log.end(input) }, (_, offset) => offset)
}

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}-${partition}`
