import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cutFile, damageByte, flipByte } from '@sluice/testkit/tamper'
import { refusal, sluice, sluiceUnread, type Ended } from './commands.ts'
import { damagedTable, priceTable } from './price-table.ts'

/** One simulated log that all tests read. Commands run in a process of their own, refusals in this one: it takes less time. */
let folder: string
let log: string
let simulated: Ended

const at = (name: string): string => join(folder, name)
const jsonOf = ({ stdout }: Ended): unknown => JSON.parse(stdout)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
  log = at('log')
  writeFileSync(at('BTCUSDT.csv'), priceTable())
  simulated = await sluice(
    ...['simulate', '--prices', at('BTCUSDT.csv'), '--accounts', '60', '--seed', '7'],
    ...['--out', log, '--json'],
  )
})
afterAll(() => rm(folder, { recursive: true }))

interface Listed {
  readonly liquidations: readonly {
    readonly id: string
    readonly scope: string
    readonly outcome: string | null
    readonly slices: number
  }[]
}

interface Verified {
  readonly tasks: readonly {
    readonly task: string
    readonly lastReceipt: number
    readonly stateHash: string
  }[]
}

describe('simulate', () => {
  test('prints one object with the figures of the run as its last line', () => {
    expect({ code: simulated.code, stderr: simulated.stderr }).toEqual({ code: 0, stderr: '' })
    const lines = simulated.stdout.trimEnd().split('\n')
    const summary = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
    expect(Object.keys(summary)).toEqual([
      'stateHash',
      'accounts',
      'liquidations',
      'partial',
      'full',
      'forcedNotional',
      'fundDraw',
      'adlNotional',
      'sharedLoss',
      'moneyConserved',
      'events',
      'seconds',
    ])
    expect(summary).toMatchObject({
      stateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      accounts: 60,
      moneyConserved: true,
    })
    expect(summary['liquidations']).toBeGreaterThan(0)
  })

  test('names line and column of a price file that is wrong, and writes nothing', async () => {
    writeFileSync(at('bad.csv'), damagedTable(4, 3, 'n/a'))
    const ended = await sluice('simulate', '--prices', at('bad.csv'), '--out', at('never'))
    expect(ended).toMatchObject({ code: 2, signal: null, stdout: '' })
    expect(ended.stderr).toMatch(/^sluice: bad\.csv:4:3: high 'n\/a' is not a number above zero\n$/)
    expect(existsSync(at('never'))).toBe(false)
  })

  test.each([
    { line: 3, column: 1, text: 'soon', says: /open_time 'soon' is not whole milliseconds/ },
    { line: 2, column: 5, text: '-1', says: /close '-1' is not a number above zero/ },
    { line: 6, column: 1, text: '1760000000000', says: /open_time 1760000000000 does not follow/ },
    { line: 5, column: 4, text: '99999', says: /low 99999 is above high/ },
    { line: 1, column: 2, text: 'opened', says: /column 'open' is missing/ },
  ])('names line $line where $says', async ({ line, column, text, says }) => {
    writeFileSync(at('bad.csv'), damagedTable(line, column, text))
    const { code, message } = await refusal(
      'simulate',
      '--prices',
      at('bad.csv'),
      '--out',
      at('never'),
    )
    expect(code).toBe(2)
    expect(message).toMatch(new RegExp(`^bad\\.csv:${line}:${line === 1 ? 1 : column}: `))
    expect(message).toMatch(says)
    expect(existsSync(at('never'))).toBe(false)
  })

  test('refuses a directory that holds another simulation, and says what to do', async () => {
    const ended = await sluice('simulate', '--steps', '5', '--accounts', '3', '--out', log)
    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(
      /already holds a simulation: give --resume .* or another directory/,
    )
  })
})

describe('a sound log', () => {
  test('is verified whole, to the end of its run', async () => {
    const ended = await sluice('verify', log, '--json')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(jsonOf(ended)).toMatchObject({ sound: true, finished: true })
    expect((jsonOf(ended) as Verified).tasks.map(({ task }) => task)).toEqual([
      'price-0',
      'margin-evaluation-0',
      'liquidation-execution-0',
      'cascade-analytics-0',
    ])
  })

  test('is verified by several processes with the same report as by one', async () => {
    const [one, three] = await Promise.all([
      sluice('verify', log, '--workers', '1', '--json'),
      sluice('verify', log, '--workers', '3', '--json'),
    ])
    expect(three).toMatchObject({ code: 0, stderr: '' })
    expect(jsonOf(three)).toEqual({ ...(jsonOf(one) as object), seconds: expect.any(Number) })
  })

  test('is explained: every liquidation listed, one told from its prices to its completion', async () => {
    const { liquidations } = jsonOf(await sluice('explain', log, '--list', '--json')) as Listed
    expect(liquidations.length).toBe(
      (JSON.parse(simulated.stdout) as { liquidations: number }).liquidations,
    )
    const found = liquidations.find(({ outcome, slices }) => outcome !== null && slices > 0)!
    expect(found).toMatchObject({ id: expect.stringMatching(/^margin-evaluation-0\/\d+$/) })

    const { code, stdout } = await sluice('explain', log, found.id)
    expect(code).toBe(0)
    expect(stdout).toContain(`Liquidation ${found.id}`)
    expect(stdout).toContain(`scope ${found.scope}`)
    const number = String.raw`-?\d+(\.\d+)?`
    for (const part of [
      `BTCUSDT mark ${number} = median\\(index with funding ${number}`,
      `equity = wallet \\+ Σ \\(value − cost\\) = ${number} \\+ \\(${number} − ${number}\\).* = ${number}`,
      `maintenance = Σ \\(notional × rate − deduction\\) = \\(${number} × ${number} − ${number}\\).* = ${number}`,
      `${number} < ${number} × ${number}: liquidate`,
      `slice 1: (sell|buy) \\d+ lots of BTCUSDT, limit ${number}`,
      `restore = .*k = ${number}, M = ${number}, E = ${number}, m = ${number}`,
      `filled: (sell|buy) \\d+ lots at ${number}`,
      `completed: ${found.outcome}, slices ${found.slices}`,
    ])
      expect(stdout).toMatch(new RegExp(part))
  })

  test('is replayed up to a receipt, and the state there is the same as the one that is shown', async () => {
    const [replayed, shown] = await Promise.all([
      sluice('replay', log, '--to', 'margin-evaluation-0#20', '--json'),
      sluice('state', log, '--task', 'margin-evaluation-0', '--at', '20', '--json'),
    ])
    const { tasks } = jsonOf(replayed) as Verified
    expect(tasks).toHaveLength(1)
    const { task, lastReceipt, stateHash } = tasks[0]!
    expect({ task, lastReceipt }).toEqual({ task: 'margin-evaluation-0', lastReceipt: 20 })
    expect(jsonOf(shown)).toMatchObject({ task, receipt: 20, stateHash, state: expect.anything() })
  })

  test('ends a command quietly when nobody reads what it says', async () => {
    const ended = await sluiceUnread('explain', log, '--list', '--json')
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  })
})

describe('a log that is not sound', () => {
  const copyOf = (name: string): string => {
    cpSync(log, at(name), { recursive: true })
    return at(name)
  }

  test('is exit code 3 with task and receipt, as a line and as an object', async () => {
    const directory = copyOf('flipped')
    await flipByte(directory, { topic: 'market-data', partition: 0, offset: 100 })
    const ended = await sluice('verify', directory, '--json')
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(/^sluice: price-0, receipt \d+: inputs_root .*market-data-0@/)
    expect(jsonOf(ended)).toMatchObject({
      sound: false,
      error: { name: 'ReplayDivergedError', message: expect.stringContaining('price-0, receipt') },
    })
  })

  test('is refused by several processes with the words of one, however many tasks fail', async () => {
    const directory = copyOf('twice')
    await flipByte(directory, { topic: 'market-data', partition: 0, offset: 100 })
    await flipByte(directory, { topic: 'accounts', partition: 0, offset: 10 })
    const [one, four] = await Promise.all([
      sluice('verify', directory, '--workers', '1', '--json'),
      sluice('verify', directory, '--workers', '4', '--json'),
    ])
    expect(four).toEqual(one)
    expect(four.stderr).toMatch(/^sluice: price-0, receipt [^\n]*\n$/)
  })

  test.each([
    { what: 'cut', damage: (directory: string) => cutFile(directory, 0.6) },
    {
      what: 'damaged in a page that everything hangs on',
      damage: (directory: string) => {
        for (const position of [4096 * 2 + 18, 4096 * 3 + 18, 4096 * 4 + 18])
          damageByte(directory, position, 0xff)
      },
    },
  ])('is exit code 3 when its file was $what, and the process lives', async ({ what, damage }) => {
    const directory = copyOf(what)
    damage(directory)
    const ended = await sluice('verify', directory)
    expect(ended).toMatchObject({ code: 3, signal: null, stdout: '' })
    expect(ended.stderr).toMatch(/^sluice: the log is damaged: .*restore the directory from a copy/)
  })
})

describe('what cannot be read is exit code 2 with a line that helps', () => {
  test.each([
    { args: () => ['verify', at('BTCUSDT.csv')], says: /no log in .*BTCUSDT\.csv: check the path/ },
    { args: () => ['verify', at('empty')], says: /no log in .*empty: check the path/ },
    {
      args: () => ['state', log, '--task', 'prices-0'],
      says: /no task prices-0 .*: price-0, margin/,
    },
    {
      args: () => ['state', log, '--task', 'price-0', '--at', '999999'],
      says: /price-0 has \d+ receipts in this log, and none with sequence 999999/,
    },
    {
      args: () => ['replay', log, '--to', 'price-0#999999'],
      says: /price-0 has \d+ receipts in this log, and none with sequence 999999/,
    },
    {
      args: () => ['replay', log, '--to', 'prices-0#1'],
      says: /no task prices-0 .*: price-0, margin/,
    },
    {
      args: () => ['explain', log, 'margin-evaluation-0/999999'],
      says: /is no liquidation of this log; `sluice explain DIR --list`/,
    },
  ])('$says', async ({ args, says }) => {
    mkdirSync(at('empty'), { recursive: true })
    const { code, message } = await refusal(...args())
    expect(code).toBe(2)
    expect(message).toMatch(says)
    expect(message).not.toContain('\n')
  })
})
