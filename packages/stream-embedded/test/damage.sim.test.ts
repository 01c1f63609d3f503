import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { checkLogFile } from '@sluice/stream-embedded/file-check'
import { newDirectory, removeDirectory } from './directories.ts'

const OF = { topic: 'orders', partition: 2 }
const PAGE = 4096

let directory: string
let file: string
beforeEach(async () => {
  directory = await newDirectory()
  file = join(directory, 'data.mdb')
})
afterEach(() => removeDirectory(directory))

const open = (readOnly = false) =>
  openEmbeddedLog({ directory, mode: 'each', clock: () => 1, readOnly, cacheBytes: 1 })

/** Small batches that lie in leaf pages and large ones that lie on overflow pages. */
async function write(batches = 40): Promise<void> {
  const log = open()
  for (let n = 0; n < batches; n += 1) {
    const value = Buffer.alloc(n % 4 === 0 ? 9000 : 40, `marker${n}.`)
    await log.append(OF, [
      { key: null, value },
      { key: Buffer.from('k'), value },
    ])
  }
  await log.close()
}

async function readAll(): Promise<number> {
  const log = open(true)
  try {
    let offset = 0
    for (;;) {
      const records = await log.read(OF, offset, 7)
      if (records.length === 0) return offset
      offset += records.length
    }
  } finally {
    await log.close()
  }
}

function flip(position: number, mask = 0x10): void {
  const bytes = readFileSync(file)
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.of((bytes[position] ?? 0) ^ mask), 0, 1, position)
  closeSync(descriptor)
}

describe('a damaged file', () => {
  test('is whole when nothing was done to it', async () => {
    await write()
    expect(await readAll()).toBe(80)
    expect(checkLogFile(directory).pages).toBeGreaterThan(30)
  })

  test('says so when a byte of what it says of itself is flipped', async () => {
    const log = open()
    log.writeMeta('topology', { evaluators: 2 })
    await log.close()
    flip(readFileSync(file).lastIndexOf('"evaluators":2') + 13, 0x01)
    const damaged = open(true)
    try {
      expect(() => damaged.readMeta('topology')).toThrow('"topology"')
    } finally {
      await damaged.close()
    }
  })

  test('gives an error that names topic, partition and offset when any byte of a batch is flipped', async () => {
    await write()
    const bytes = readFileSync(file)
    const record = bytes.indexOf('marker21.')
    const value = record - 20 - 2 * 8
    for (const at of [
      value,
      value + 4,
      value + 9,
      value + 16,
      value + 20,
      value + 24,
      value + 29,
      record,
    ]) {
      flip(at)
      await expect(readAll()).rejects.toMatchObject({
        name: 'LogDamagedError',
        place: { topic: 'orders', partition: 2, offset: 42 },
      })
      writeFileSync(file, bytes)
    }
    expect(await readAll()).toBe(80)
  })

  test('that is cut anywhere is refused, unless only free pages went', async () => {
    await write()
    const whole = readFileSync(file)
    let refused = 0
    let cuts = 0
    for (let bytes = whole.length - 1; bytes > 2 * PAGE; bytes -= 3 * PAGE + 17) {
      writeFileSync(file, whole.subarray(0, bytes))
      cuts += 1
      const outcome = await readAll().catch((error: unknown) => error)
      if (outcome === 80) continue
      expect(outcome).toMatchObject({ name: 'LogDamagedError' })
      expect(() => open()).toThrow(expect.objectContaining({ name: 'LogDamagedError' }))
      refused += 1
    }
    expect(refused).toBeGreaterThan(cuts - 3)
    truncateSync(file, PAGE)
    expect(() => open()).toThrow(/holds no Sluice log \(the file is too short\)/)
  })

  test('never ends the process without an error, whichever byte is flipped, if it is checked first', async () => {
    await write(12)
    const whole = readFileSync(file)
    const rounds = process.env['SLUICE_LONG'] === undefined ? 100 : 5000
    let seed = 12345
    let found = 0
    for (let round = 0; round < rounds; round += 1) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      const position = seed % whole.length
      flip(position, 1 << (seed % 8))
      try {
        checkLogFile(directory)
        await readAll()
      } catch (error) {
        expect(error).toMatchObject({
          name: expect.stringMatching(/^(LogDamaged|NotASluiceLog|LogVersion)Error$/),
        })
        found += 1
      }
      writeFileSync(file, whole)
    }
    expect(found).toBeGreaterThan(rounds / 20)
  })
})

describe('what is not a log', () => {
  test('is refused and left as it was', () => {
    writeFileSync(file, Buffer.alloc(3 * PAGE, 'text '))
    expect(() => open()).toThrow(/holds no Sluice log \(it is not an lmdb file\)/)
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('text ')
  })

  test('is refused when nothing is there and it was to be read only', () => {
    expect(() => open(true)).toThrow(expect.objectContaining({ name: 'LogNotFoundError' }))
  })

  test('is refused when another format wrote it', async () => {
    await write(1)
    const bytes = readFileSync(file)
    for (let at = bytes.indexOf('format1'); at >= 0; at = bytes.indexOf('format1', at + 1)) {
      writeFileSync(file, bytes.fill('format9', at, at + 7))
    }
    expect(() => open()).toThrow(/storage format 9, this version reads format 1/)
  })
})

describe('a log opened read-only or closed', () => {
  test('refuses appends', async () => {
    await write(1)
    const log = open(true)
    await expect(log.append(OF, [{ key: null, value: Buffer.of(1) }])).rejects.toThrow(/read-only/)
    await log.close()
    await expect(log.read(OF, 0, 1)).rejects.toMatchObject({ name: 'LogClosedError' })
  })
})
