import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Snapshot } from '@sluice/stream-runtime/snapshots'
import { openEmbeddedSnapshots } from '@sluice/stream-embedded/embedded-snapshots'
import type { EmbeddedSnapshots } from '@sluice/stream-embedded/embedded-snapshots'
import { newDirectory, removeDirectory } from './directories.ts'

const MEGABYTE = 1024 * 1024

let directory: string
let store: EmbeddedSnapshots
beforeEach(async () => {
  directory = await newDirectory()
  store = openEmbeddedSnapshots({ directory })
})
afterEach(async () => {
  await store.close()
  await removeDirectory(directory)
})

function snapshotOf(task: string, sequence: number, bytes = 100): Snapshot {
  const hash = String(sequence).repeat(64).slice(0, 64)
  const chain = { offset: 0, head: hash, sequence, lastEvent: 0 }
  const manifest: unknown = {
    task,
    receiptHash: hash,
    sequence,
    receiptOffset: 3,
    chain,
    inputs: [],
    now: 5,
    logicVersion: 1,
    settingsHash: hash,
    stateHash: hash,
    stateBytes: bytes,
  }
  return {
    manifest: manifest as Snapshot['manifest'],
    state: Buffer.alloc(bytes, `${task} ${sequence}`),
  }
}

const newestOf = (task: string) => store.newest(task, () => true)

describe('snapshots in lmdb', () => {
  test('come back whole, the newest accepted one of the task, also in another process', async () => {
    expect(await newestOf('price-0')).toBeUndefined()
    const large = snapshotOf('price-0', 9, 3.5 * MEGABYTE)
    await store.save(large)
    await store.save(snapshotOf('price-0', 10))
    await store.save(snapshotOf('price-01', 11))
    expect((await newestOf('price-0'))?.manifest.sequence).toBe(10)
    const older = await store.newest('price-0', ({ sequence }) => sequence < 10)
    expect(older?.manifest).toEqual(large.manifest)
    expect(Buffer.from(older?.state ?? []).equals(Buffer.from(large.state))).toBe(true)
    await store.close()
    store = openEmbeddedSnapshots({ directory })
    expect((await newestOf('price-0'))?.manifest.sequence).toBe(10)
  })

  test('are kept by number, and the room of older ones is used again', async () => {
    for (let sequence = 1; sequence <= 6; sequence += 1) {
      await store.save(snapshotOf('price-0', sequence, 2 * MEGABYTE))
    }
    const seen: number[] = []
    await store.newest('price-0', ({ sequence }) => seen.push(sequence) < 0)
    expect(seen).toEqual([6, 5])
  })

  test('do not exist before their manifest is written', async () => {
    await store.save(snapshotOf('price-0', 1))
    const saving = store.save(snapshotOf('price-0', 2, 4 * MEGABYTE))
    const copy = join(directory, 'copy')
    await mkdir(copy)
    await copyFile(join(directory, 'data.mdb'), join(copy, 'data.mdb'))
    await saving
    const crashed = openEmbeddedSnapshots({ directory: copy })
    expect((await crashed.newest('price-0', () => true))?.manifest.sequence).toBe(1)
    await crashed.save(snapshotOf('price-0', 3))
    expect((await crashed.newest('price-0', () => true))?.manifest.sequence).toBe(3)
    await crashed.close()
  })
})
