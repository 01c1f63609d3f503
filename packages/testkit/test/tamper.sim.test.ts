import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { checkLogFile } from '@sluice/stream-embedded/file-check'
import {
  cutFile,
  damageText,
  flipByte,
  forgetFrom,
  removeBatch,
  swapBatches,
} from '@sluice/testkit/tamper'

const OF = { topic: 'price', partition: 0 }
const OTHER = { topic: 'price', partition: 1 }

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-tamper-'))
  let now = 0
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => (now += 10) })
  await log.append(OF, records('a', 'b'))
  await log.append(OTHER, records('x'))
  await log.append(OF, records('c'))
  await log.append(OF, records('d', 'e', 'f'))
  await log.close()
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const records = (...values: string[]) =>
  values.map(value => ({ key: null, value: Buffer.from(value) }))

async function contents(of = OF): Promise<string> {
  checkLogFile(directory)
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => 0, readOnly: true })
  try {
    const found = await log.read(of, 0, 100)
    return found
      .map(
        ({ value, offset, appendTime }) => `${offset}${Buffer.from(value).toString()}${appendTime}`,
      )
      .join(' ')
  } finally {
    await log.close()
  }
}

describe('a log somebody tampered with is in order as storage, and tells another history:', () => {
  const before = '0a10 1b10 2c30 3d40 4e40 5f40'

  test('one byte of one record', async () => {
    expect(await contents()).toBe(before)
    await flipByte(directory, { ...OF, offset: 4 })
    expect(await contents()).toBe('0a10 1b10 2c30 3d40 4d40 5f40')
  })

  test('a batch removed', async () => {
    await removeBatch(directory, { ...OF, offset: 2 })
    expect(await contents()).toBe('0a10 1b10 2d40 3e40 4f40')
    expect(await contents(OTHER)).toBe('0x20')
  })

  test('two batches exchanged', async () => {
    await swapBatches(directory, { ...OF, offset: 1 }, 5)
    expect(await contents()).toBe('0d10 1e10 2f10 3c30 4a40 5b40')
  })

  test('the end forgotten', async () => {
    await forgetFrom(directory, { ...OF, offset: 2 })
    expect(await contents()).toBe('0a10 1b10')
  })

  test('nothing, if there is nothing to tamper with', async () => {
    await expect(flipByte(directory, { ...OF, offset: 6 })).rejects.toThrow(
      /no batch contains offset 6/,
    )
    await expect(flipByte(directory, { ...OF, offset: 5 }, { at: 1 })).rejects.toThrow(/no byte 1/)
    expect(await contents()).toBe(before)
  })
})

describe('a log that a disk damaged is refused:', () => {
  test('one byte', async () => {
    damageText(directory, 'def')
    await expect(contents()).rejects.toThrow(/damaged at price-0@3: the checksum does not match/)
  })

  test('the end of the file cut off', async () => {
    cutFile(directory)
    await expect(contents()).rejects.toMatchObject({ name: 'LogDamagedError' })
  })
})
