import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cached, cachedOr } from '../src/cache.ts'

describe('the cache of what is fetched', () => {
  const before = process.env['SLUICE_CACHE']
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-cache-test-'))
    process.env['SLUICE_CACHE'] = root
  })
  afterEach(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, 'SLUICE_CACHE')
    else process.env['SLUICE_CACHE'] = before
    rmSync(root, { recursive: true })
  })

  const fill = (text: string) => (directory: string) => writeFile(join(directory, 'jar'), text)
  const contentOf = (directory: string) => readFileSync(join(directory, 'jar'), 'utf8')

  test('is filled once, and then read', async () => {
    expect(cached('kafka')).toBeUndefined()
    const first = await cachedOr('kafka', fill('first'))
    expect(cached('kafka')).toBe(first)
    expect(contentOf(await cachedOr('kafka', fill('second')))).toBe('first')
  })

  test('holds one whole directory when several fill it at once', async () => {
    const directories = await Promise.all(
      ['a', 'b', 'c', 'd'].map(text => cachedOr('kafka', fill(text))),
    )
    expect(new Set(directories).size).toBe(1)
    expect(contentOf(directories[0]!)).toMatch(/^[abcd]$/)
    expect(readdirSync(root)).toEqual(['kafka'])
  })

  test('replaces a directory that somebody left half done', async () => {
    await mkdir(join(root, 'kafka'))
    await writeFile(join(root, 'kafka', 'half'), '')
    expect(cached('kafka')).toBeUndefined()
    const directory = await cachedOr('kafka', fill('whole'))
    expect(readdirSync(directory).sort()).toEqual(['.complete', 'jar'])
  })

  test('keeps nothing of a fetch that failed, and lets the next one try', async () => {
    const failing = () => Promise.reject(new Error('no network'))
    await expect(cachedOr('kafka', failing)).rejects.toThrow('no network')
    expect(readdirSync(root)).toEqual([])
    expect(contentOf(await cachedOr('kafka', fill('later')))).toBe('later')
  })
})
