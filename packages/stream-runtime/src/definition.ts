import type { TaskInput } from './inputs.ts'
import type { StreamLog } from './log.ts'
import type { Processor } from './processor.ts'
import { sha256, type Digest } from './digest.ts'
import { taskName } from './receipt.ts'
import type { PartitionId } from './log.ts'

/** A task: a processor, the partition it alone writes, and what it reads in order of urgency. */
export interface TaskDefinition<State, In extends { readonly type: string }, Out> {
  readonly processor: Processor<State, In, Out>
  /** Number of the task: its partition of the output topic, which is named as the service. */
  readonly partition: number
  readonly inputs: readonly TaskInput[]
  readonly log: StreamLog
}

interface Named {
  readonly processor: { readonly service: string }
  readonly partition: number
}

interface Settled {
  readonly processor: { readonly settings: string }
  readonly inputs: readonly TaskInput[]
}

export const nameOf = ({ processor, partition }: Named): string =>
  taskName(processor.service, partition)

export const outputOf = ({ processor, partition }: Named): PartitionId => ({
  topic: processor.service,
  partition,
})

/** What decides besides the inputs: the processor's settings and, where an input is not our Avro, how it is read. */
export function settingsHashOf({ processor, inputs }: Settled): Digest {
  const codecs = inputs.flatMap(({ topic, codec }) => (codec ? [`${topic} as ${codec.name}`] : []))
  return sha256([processor.settings, ...new Set(codecs)].join('\n'))
}
