import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, writeDigest } from './digest.ts'
import { SnapshotDamagedError } from './errors.ts'
import type { Snapshot, SnapshotManifest, SnapshotStore } from './snapshots.ts'

/** Keys sorted at every depth: equal manifests give equal text. */
export function manifestText(manifest: SnapshotManifest): string {
  return JSON.stringify(manifest, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

const DIGEST_BYTES = 32
const HEADER_BYTES = DIGEST_BYTES + 4

/** SHA-256 of the rest ‖ length of the manifest, 4 bytes big-endian ‖ manifest as canonical JSON ‖ state. */
export function encodeSnapshot({ manifest, state }: Snapshot): Uint8Array {
  const text = Buffer.from(manifestText(manifest), 'utf8')
  const bytes = Buffer.alloc(HEADER_BYTES + text.length + state.length)
  bytes.writeUInt32BE(text.length, DIGEST_BYTES)
  bytes.set(text, HEADER_BYTES)
  bytes.set(state, HEADER_BYTES + text.length)
  writeDigest(sha256(bytes.subarray(DIGEST_BYTES)), bytes, 0)
  return bytes
}

/** @throws SnapshotDamagedError if a byte differs from what was written. */
export function decodeSnapshot(bytes: Uint8Array, where: string): Snapshot {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = buffer.length >= HEADER_BYTES
  if (
    !whole ||
    buffer.toString('latin1', 0, DIGEST_BYTES) !== sha256(buffer.subarray(DIGEST_BYTES))
  )
    throw new SnapshotDamagedError(
      `the snapshot ${where} was changed or cut after it was written: delete it`,
    )
  const stateFrom = HEADER_BYTES + buffer.readUInt32BE(DIGEST_BYTES)
  const manifest = JSON.parse(buffer.toString('utf8', HEADER_BYTES, stateFrom)) as SnapshotManifest
  return { manifest, state: buffer.subarray(stateFrom) }
}

export class MemorySnapshotStore implements SnapshotStore {
  readonly #snapshots = new Map<string, Snapshot>()

  save(snapshot: Snapshot): Promise<void> {
    const { task, receiptHash } = snapshot.manifest
    this.#snapshots.set(`${task}/${receiptHash}`, snapshot)
    return Promise.resolve()
  }

  async newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    const ofTask = [...this.#snapshots.values()].filter(({ manifest }) => manifest.task === task)
    ofTask.sort((a, b) => b.manifest.sequence - a.manifest.sequence)
    for (const snapshot of ofTask) if (await accepts(snapshot.manifest)) return snapshot
    return undefined
  }
}

const SUFFIX = '.snapshot'
const SEQUENCE_DIGITS = 16

/**
 * One file a snapshot, `<task>.<sequence>.<receipt hash>.snapshot`, written beside and renamed: a crash leaves the old
 * files or the new one, never half of it.
 */
export class DirectorySnapshotStore implements SnapshotStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async save(snapshot: Snapshot): Promise<void> {
    const { task, sequence, receiptHash } = snapshot.manifest
    await mkdir(this.#directory, { recursive: true })
    const name = `${task}.${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.${receiptHash}${SUFFIX}`
    const path = join(this.#directory, name)
    const file = await open(`${path}.new`, 'w')
    try {
      await file.writeFile(encodeSnapshot(snapshot))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  }

  async newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    const names = await this.#namesOf(task)
    for (const name of names.sort().reverse()) {
      const path = join(this.#directory, name)
      const snapshot = decodeSnapshot(await readFile(path), path)
      if (await accepts(snapshot.manifest)) return snapshot
    }
    return undefined
  }

  async #namesOf(task: string): Promise<string[]> {
    await mkdir(this.#directory, { recursive: true })
    const names = await readdir(this.#directory)
    return names.filter(name => name.startsWith(`${task}.`) && name.endsWith(SUFFIX))
  }
}
