/** Id of an event of ours: `<service>-<partition>/<sequence>`, sequence from 1. */
export const eventIdOf = (task: string, sequence: number): string => `${task}/${String(sequence)}`

/** Id of a record of the exchange: `<topic>-<partition>@<offset>`. */
export const recordIdOf = (topic: string, partition: number, offset: number): string =>
  `${topic}-${String(partition)}@${String(offset)}`

/** Id of a tick: `tick@<time>`, in milliseconds. */
export const tickIdOf = (time: number): string => `tick@${String(time)}`

/** Name of a task: one shard of one service, only writer of the partition of its number. */
export const taskName = (service: string, partition: number): string =>
  `${service}-${String(partition)}`

/** What an id names. */
export type ParsedId =
  | {
      readonly kind: 'event'
      readonly task: string
      readonly service: string
      readonly partition: number
      readonly sequence: number
    }
  | {
      readonly kind: 'record'
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }
  | { readonly kind: 'tick'; readonly time: number }

/** An id that is none of ours. */
export class UnknownIdError extends Error {
  override readonly name = 'UnknownIdError'
}

const FORM =
  /^(?:(?<tick>tick)|(?<name>[a-z][a-z-]*)-(?<partition>\d+))(?<mark>[/@])(?<number>\d+)$/

/** Takes an id apart. @throws UnknownIdError if it has none of the three forms. */
export function parseId(id: string): ParsedId {
  const { tick, name = '', partition = '', mark, number = '' } = FORM.exec(id)?.groups ?? {}
  if (tick !== undefined && mark === '@') return { kind: 'tick', time: Number(number) }
  if (name === '')
    throw new UnknownIdError(
      `${id} is no id: it should read <task>/<sequence>, <topic>-<partition>@<offset> or tick@<time>`,
    )
  const shard = Number(partition)
  return mark === '@'
    ? { kind: 'record', topic: name, partition: shard, offset: Number(number) }
    : {
        kind: 'event',
        task: taskName(name, shard),
        service: name,
        partition: shard,
        sequence: Number(number),
      }
}
