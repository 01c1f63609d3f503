import { createHash } from 'node:crypto'
import type { AccountUpdated, SnapshotCompleted } from './generated/events.ts'
import { scopeIdOf } from './scope.ts'

/** A scope of a snapshot, at the sequence of its latest record. */
export interface SnapshotScope {
  readonly scope: string
  readonly ledgerSequence: number
}

/**
 * What `SnapshotCompleted` says of the scopes of one partition: SHA-256 over one line for each, `<scope> <ledgerSequence>\n` in
 * UTF-8, sorted by the bytes of the scope. A ledger sequence stands for one content only, so this names the content too. It is what
 * `LC_ALL=C sort | sha256sum` prints.
 */
export function snapshotHash(scopes: readonly SnapshotScope[]): Uint8Array {
  const lines = scopes.map(({ scope, ledgerSequence }) => `${scope} ${String(ledgerSequence)}\n`)
  return createHash('sha256').update(lines.sort().join('')).digest()
}

/** The end of a snapshot of one partition; where a scope was written more than once, its latest record counts. */
export function snapshotOf(records: Iterable<AccountUpdated>): SnapshotCompleted {
  const sequences = new Map<string, number>()
  for (const { account, isolatedInstrument, ledgerSequence } of records)
    sequences.set(scopeIdOf(account, isolatedInstrument), ledgerSequence)
  return snapshotOfScopes(sequences)
}

/** The same, from the ledger sequence of each scope. */
export function snapshotOfScopes(sequences: ReadonlyMap<string, number>): SnapshotCompleted {
  return {
    type: 'SnapshotCompleted',
    scopeCount: sequences.size,
    ledgerSequence: [...sequences.values()].reduce((most, each) => Math.max(most, each), 0),
    hash: snapshotHash(
      [...sequences].map(([scope, ledgerSequence]) => ({ scope, ledgerSequence })),
    ),
  }
}
