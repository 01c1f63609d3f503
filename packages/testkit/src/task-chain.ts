import { createHash } from 'node:crypto'
import { decodeReceipt, isReceipt } from '@sluice/contracts/codec'
import type { BatchReceipt, InputRun } from '@sluice/contracts/generated/events'
import type { LogRecord, PartitionId, StreamLog } from '@sluice/stream-runtime/log'

/** One batch of a task's partition. */
export interface ChainBatch {
  readonly offset: number
  readonly appendTime: number
  readonly receipt: BatchReceipt
}

/** What a task's partition says, read without the runtime: its links followed by hand. */
export interface TaskChain extends PartitionId {
  /** Those that link, in order. */
  readonly valid: readonly ChainBatch[]
  readonly voidBatches: number
  /** Offsets of the events of valid batches. */
  readonly events: readonly number[]
}

const RECORDS_PER_READ = 4096

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** Reads a partition of ours from its beginning and follows the links. */
export async function readChain(log: StreamLog, of: PartitionId): Promise<TaskChain> {
  const valid: ChainBatch[] = []
  const events: number[] = []
  let voidBatches = 0
  let head = sha256(`${of.topic}-${of.partition}`)
  let isValid = false
  for await (const { offset, appendTime, value } of recordsOf(log, of)) {
    if (!isReceipt(value)) {
      if (isValid) events.push(offset)
      continue
    }
    const receipt = decodeReceipt(value)
    isValid = head.equals(receipt.previousHash)
    if (!isValid) {
      voidBatches += 1
      continue
    }
    head = sha256(value)
    valid.push({ offset, appendTime, receipt })
  }
  return { topic: of.topic, partition: of.partition, valid, voidBatches, events }
}

/** Every record of a partition that there is now. */
export async function* recordsOf(log: StreamLog, of: PartitionId): AsyncGenerator<LogRecord> {
  const end = await log.end(of)
  for (let offset = 0; offset < end;) {
    const records = await log.read(of, offset, RECORDS_PER_READ)
    yield* records
    offset += records.length
  }
}

/** The runs of one input in the order of the receipts. */
export const runsOf = ({ valid }: TaskChain, input: PartitionId): readonly InputRun[] =>
  valid.flatMap(({ receipt }) =>
    receipt.inputRuns.filter(
      (run): run is InputRun =>
        'source' in run && run.source === input.topic && run.partition === input.partition,
    ),
  )
