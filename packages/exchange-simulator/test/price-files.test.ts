import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PriceFileError } from '../src/errors.ts'
import { readPriceFile, readPriceFiles } from '../src/price-files.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-prices-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function faultOf(content: string): string {
  const path = file('BTCUSDT-1m.csv', content)
  try {
    readPriceFile(path)
  } catch (error) {
    if (error instanceof PriceFileError) return error.message
    throw error
  }
  return 'none'
}

const MARK = 'open_time,open,high,low,close,count\n'

describe('layouts', () => {
  test('a Binance kline with header, gzip, its symbol from the name', () => {
    const content =
      'open_time,open,high,low,close,volume,close_time\n0,10,12,9,11,5,59999\n60000,11,12,10,12,5,119999\n'
    const [series] = readPriceFile(file('binance_um_BTCUSDT_1m_x.csv.gz', gzipSync(content))).map(
      one => ({ ...one, bars: one.bars.length }),
    )
    expect(series).toMatchObject({
      symbol: 'BTCUSDT',
      format: 'binance-kline',
      barMs: 60_000,
      bars: 2,
    })
  })

  test('a Binance Vision kline without header, times in microseconds', () => {
    const row = (time: number) => `${time}000,10,12,9,11,5,${time + 59_999}000,0,0,0,0,0\n`
    const content = row(1_735_689_600_000) + row(1_735_689_660_000)
    const series = readPriceFile(file('ETHUSDT-1m-2025-01.csv', content))[0]!
    expect(series.symbol).toBe('ETHUSDT')
    expect(series.bars.map(bar => bar.openTime)).toEqual([1_735_689_600_000, 1_735_689_660_000])
  })

  test('a mark-price kline', () => {
    const series = readPriceFile(
      file('x_BTCUSD_PERP_mark.csv', `${MARK}0,10,12,9,11,60\n60000,11,12,10,12,60\n`),
    )
    expect(series[0]).toMatchObject({ symbol: 'BTCUSD_PERP', format: 'binance-mark-kline' })
  })

  test('BitMEX bars: the open may lie outside, a bar without trades is silent', () => {
    const header = 'open_time,open,high,low,close,volume,trades,vwap\n'
    const content = `${header}0,8,12,9,11,5,3,10\n60000,11,11,11,11,0,0,\n`
    const series = readPriceFile(file('bitmex_XBTUSD_1m.csv', content))[0]!
    expect(series.symbol).toBe('XBTUSD')
    expect(series.bars.map(bar => bar.silent)).toEqual([false, true])
  })

  test('a panel gives one series for each symbol, by symbol', () => {
    const rows = ['B', 'A'].flatMap(end =>
      [0, 1].map(i => `SYM${end},${i * 300_000},10,12,9,11,5\n`),
    )
    const series = readPriceFile(
      file('panel.csv', `symbol,open_time,open,high,low,close,volume\n${rows.join('')}`),
    )
    expect(series.map(one => [one.symbol, one.barMs, one.bars.length])).toEqual([
      ['SYMA', 300_000, 2],
      ['SYMB', 300_000, 2],
    ])
  })

  test('a missing bar is silent at the last close', () => {
    const content = `${MARK}0,10,12,9,11,60\n60000,11,12,10,12,60\n180000,12,13,12,13,60\n`
    const { bars } = readPriceFile(file('BTCUSDT.csv', content))[0]!
    expect(bars[2]).toEqual({
      openTime: 120_000,
      open: 12,
      high: 12,
      low: 12,
      close: 12,
      silent: true,
    })
    expect(bars).toHaveLength(4)
  })
})

describe('malformed files name line, column and problem', () => {
  test.each([
    ['', ':1:1: the file is empty'],
    ['open_time,open,high,low\n0,1,2,1\n', ":1:1: column 'close' is missing"],
    [`${MARK}0,10,12,9,11,60\n60000,11,x,10,12,60\n`, ":3:3: high 'x' is not a number above zero"],
    [
      `${MARK}0,10,12,9,11,60\n60000,11,12,10,-12,60\n`,
      ":3:5: close '-12' is not a number above zero",
    ],
    [`${MARK}0,10,12,9,11,60\n60000,11,12,,12,60\n`, ":3:4: low '' is not a number above zero"],
    [`${MARK}0,10,9,12,11,60\n60000,11,12,10,12,60\n`, ':2:4: low 12 is above high 9'],
    [`${MARK}0,10,12,9,13,60\n60000,11,12,10,12,60\n`, ':2:5: close 13 is outside'],
    [`${MARK}0,10,12,9,11,60\n60000,13,12,10,12,60\n`, ':3:2: open 13 is outside'],
    [
      `${MARK}0,10,12,9,11,60\n60000,11,12,10,12,60\n60000,11,12,10,12,60\n`,
      ':4:1: open_time 60000 does not follow',
    ],
    [
      `${MARK}0,10,12,9,11,60\n60000,11,12,10,12,60\n90000,11,12,10,12,60\n`,
      ':4:1: open_time 90000 does not follow',
    ],
    [
      `${MARK}60000,10,12,9,11,60\n0,11,12,10,12,60\n`,
      ':3:1: open_time is -60000 ms after the bar before',
    ],
    [`${MARK}1,10,12,9,11,60\n`, ':2:1: one bar alone has no length'],
    [MARK, ':1:1: no bars in the file'],
    [`${MARK}1,10,12,9,11,60\n60001,10,12\n`, ':3:1: not a table'],
    ['symbol,open_time,open,high,low,close\nb?d,1,10,12,9,11\n', ":2:1: symbol 'b?d' is not one"],
  ])('%j', (content, message) => {
    expect(faultOf(content)).toContain(`BTCUSDT-1m.csv${message}`)
  })

  test('a file that is not there, or no gzip behind a gzip mark', () => {
    expect(() => readPriceFile(join(folder, 'none.csv'))).toThrow(/none\.csv:1:1: cannot be read/)
    const broken = file('broken.csv.gz', Uint8Array.of(0x1f, 0x8b, 1, 2, 3))
    expect(() => readPriceFile(broken)).toThrow(/broken\.csv\.gz:1:1: cannot be read/)
  })

  test('the same symbol from two files', () => {
    const content = `${MARK}0,10,12,9,11,60\n60000,11,12,10,12,60\n`
    const paths = [file('a_BTCUSDT_.csv', content), file('b_BTCUSDT_.csv', content)]
    expect(() => readPriceFiles(paths)).toThrow(/already given by a_BTCUSDT_/)
  })
})

const REAL = join(import.meta.dirname, '../../../../shared/data/prices')
const real = existsSync(REAL) ? test : test.skip

describe('the real days (skipped where ../shared is absent)', () => {
  const days = [
    ['binance_cm_BTCUSD_PERP_markprice_1m_2025-10-09_10.csv.gz', 'binance-mark-kline', 1, 2880],
    ['binance_um_BTCUSDT_markprice_5m_2025-10-09_12.csv.gz', 'binance-mark-kline', 1, 1152],
    ['binance_um_BTCUSDT_1m_2022-05-07_13.csv.gz', 'binance-kline', 1, 10_080],
    ['binance_um_ETHUSDT_1m_2022-05-07_13.csv.gz', 'binance-kline', 1, 10_080],
    ['binance_spot_LUNAUSDT_1m_2022-05-05_13.csv.gz', 'binance-kline', 1, 11_560],
    ['bitmex_XBTUSD_1m_2020-03-11_14.csv.gz', 'bitmex-bars', 1, 5760],
    ['binance_um_panel_5m_2025-10-10_11.csv.gz', 'panel', 63, 576],
  ] as const
  // The largest files only in the long run: parsing them takes seconds.
  const chosen =
    process.env['SLUICE_LONG'] === undefined ? days.filter(day => day[2] * day[3] < 6000) : days
  real.each(chosen)('%s is read whole', (...day) => {
    const [name, format, count, bars] = day

    const series = readPriceFile(join(REAL, name))
    expect(series).toHaveLength(count)
    for (const one of series) {
      expect(one.format).toBe(format)
      expect(one.bars).toHaveLength(bars)
    }
  })
})
