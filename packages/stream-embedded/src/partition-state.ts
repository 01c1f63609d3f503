import type { PartitionId } from '@sluice/stream-runtime/log'
import { CachedRun } from './tail-cache.ts'
import type { CachedBatch } from './tail-cache.ts'

export interface Tail {
  readonly end: number
  readonly appendTime: number
}

/** What this process knows of one partition. */
export interface PartitionState extends PartitionId {
  /** Its number in the file; undefined before its first durable append. */
  number: number | undefined
  readonly run: CachedRun
  /** Where it ends as far as durable; undefined when that must be looked up. */
  tail: Tail | undefined
  /** The batch last read from the file: it is decoded once, however small the steps in which it is read. */
  recent: CachedBatch | undefined
}

export interface Placed {
  readonly state: PartitionState
  readonly baseOffset: number
  readonly appendTime: number
}

export function newPartitionState({ topic, partition }: PartitionId): PartitionState {
  return {
    topic,
    partition,
    number: undefined,
    run: new CachedRun(),
    tail: undefined,
    recent: undefined,
  }
}
