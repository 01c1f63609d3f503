import { decodeReceipt, encodeReceipt } from '@sluice/contracts/codec'
import type { BatchReceipt } from '@sluice/contracts/generated/events'
import type { ReceiptLink } from './chain.ts'
import { digestFromBytes, sha256, type Digest } from './digest.ts'

/** A receipt with what the rules need of it; `link.hash` is the digest of exactly the bytes in the log. */
export interface SealedReceipt {
  readonly receipt: BatchReceipt
  readonly link: ReceiptLink
}

/** Name of the task that writes a partition of ours. */
export const taskName = (topic: string, partition: number): string => `${topic}-${partition}`

/** The head before the first receipt: the digest of the task's name. */
export const genesisHead = (task: string): Digest => sha256(task)

function seal(receipt: BatchReceipt, bytes: Uint8Array): SealedReceipt {
  return {
    receipt,
    link: {
      hash: sha256(bytes),
      previousHash: digestFromBytes(receipt.previousHash),
      sequence: receipt.sequence,
      firstEvent: receipt.firstEvent,
      eventCount: receipt.eventCount,
      emittedOfLastInput: receipt.emittedOfLastInput,
      tenure: receipt.tenure,
      owner: receipt.owner,
      generation: receipt.generation,
      isTakeover: receipt.inputRuns.length === 0 && receipt.eventCount === 0,
    },
  }
}

/** @throws DecodingError if the bytes hold no receipt. */
export function openReceipt(bytes: Uint8Array): SealedReceipt {
  return seal(decodeReceipt(bytes), bytes)
}

export interface WrittenReceipt extends SealedReceipt {
  readonly bytes: Uint8Array
}

export function writeReceipt(receipt: BatchReceipt): WrittenReceipt {
  const bytes = encodeReceipt(receipt)
  return { ...seal(receipt, bytes), bytes }
}
