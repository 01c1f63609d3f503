import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { newDirectory, removeDirectory } from './directories.ts'

const CHILD = fileURLToPath(new URL('append-forever.ts', import.meta.url))
const OF = { topic: 'killed', partition: 0 }

let directory: string
beforeEach(async () => {
  directory = await newDirectory()
})
afterEach(() => removeDirectory(directory))

/** Another process appends for some rounds, while this one stands still. */
function appendElsewhere(rounds: number): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=sluice-source', '--import', 'tsx', CHILD, directory, 'each', String(rounds)],
    { input: 'go', encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
}

test('what another process appends between the look at the end and the read is not read before the end is known', async () => {
  appendElsewhere(2)
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => 7 })
  try {
    await setImmediate()
    let position = await log.end(OF)
    // Timers have their turn before the next look at the end: lmdb then shows this process the newer state already.
    const timer = setTimeout(1)
    appendElsewhere(2)
    await timer
    position -= 1
    for (let reads = 0; reads < 3; reads += 1)
      position += (await log.read(OF, position, 500)).length
    expect(position).toBeLessThanOrEqual(await log.end(OF))
    await setImmediate()
    await setImmediate()
    const records = await log.read(OF, 0, 500)
    expect(records).toHaveLength(await log.end(OF))
  } finally {
    await log.close()
  }
})
