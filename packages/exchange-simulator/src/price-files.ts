import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CsvError } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import type { Bar, PriceFormat, PriceSeries } from './bars.ts'
import { PriceFileError } from './errors.ts'
import { MARKET } from './parameters.ts'

/** One line of the file: its cells, and the number of its line. */
interface Row {
  readonly cells: readonly string[]
  readonly line: number
}

/** A recognised layout: where each thing stands. */
interface Layout {
  readonly format: PriceFormat
  readonly hasHeader: boolean
  readonly columns: ReadonlyMap<string, number>
}

/** What csv-parse gives for each record with `info`. */
interface ParsedRecord {
  readonly record: string[]
  readonly info: { readonly lines: number }
}

const KLINE_COLUMNS = ['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time']
const GZIP_MAGIC = 0x1f8b
/** Times above this are in microseconds: Binance's spot files since 2025. */
const MICROSECONDS_FROM = 100_000_000_000_000
/** A silent bar is filled in for a missing one, up to so many in a row; a longer hole is more likely a wrong file. */
const MISSING_BARS_MAX = 1_440

/**
 * Reads one price file, plain or gzip, whole and checked: Binance klines (with header or, as Binance Vision publishes them,
 * without), Binance mark-price klines, BitMEX bars, or a panel with a `symbol` column.
 *
 * Checked before anything runs: a known layout, numbers where numbers belong, prices above zero, low ≤ open, close ≤ high (BitMEX
 * sets a bar's open to the close before, which may lie outside), times that rise by one bar length. Bars without trades (BitMEX) and
 * missing bars are silent.
 *
 * @returns one series per symbol, by symbol
 * @throws PriceFileError with file, line, column and what is wrong there
 */
export function readPriceFile(path: string): PriceSeries[] {
  const file = basename(path)
  const rows = rowsOf(file, textOf(path, file))
  const layout = layoutOf(file, rows[0])
  const bySymbol = new Map<string, Row[]>()
  for (const row of layout.hasHeader ? rows.slice(1) : rows) {
    const symbol = symbolOf(row, layout, file)
    const group = bySymbol.get(symbol)
    if (group === undefined) bySymbol.set(symbol, [row])
    else group.push(row)
  }
  if (bySymbol.size === 0)
    throw fault(file, 1, { problem: 'no bars in the file; give one with data' })
  return [...bySymbol]
    .map(([symbol, group]) => seriesOf(group, { symbol, layout, file }))
    .sort((left, right) => (left.symbol < right.symbol ? -1 : 1))
}

/** Reads several files. @throws PriceFileError also where two give the same symbol. */
export function readPriceFiles(paths: readonly string[]): PriceSeries[] {
  const all = paths.flatMap(path => readPriceFile(path))
  const seen = new Map<string, string>()
  for (const { symbol, file } of all) {
    const other = seen.get(symbol)
    if (other !== undefined) {
      throw fault(file, 1, {
        problem: `symbol ${symbol} is already given by ${other}; give each symbol once`,
      })
    }
    seen.set(symbol, file)
  }
  return all.sort((left, right) => (left.symbol < right.symbol ? -1 : 1))
}

function textOf(path: string, file: string): string {
  try {
    const bytes = readFileSync(path)
    const isGzip = bytes.length > 2 && bytes.readUInt16BE(0) === GZIP_MAGIC
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw fault(file, 1, { problem: `cannot be read (${detail}); give a CSV file, plain or gzip` })
  }
}

function rowsOf(file: string, text: string): Row[] {
  try {
    const parsed: unknown = parse(text, { info: true, skip_empty_lines: true, bom: true })
    return (parsed as ParsedRecord[]).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1
    throw fault(file, line, { problem: `not a table: ${error.message}` })
  }
}

/** Which layout the first line announces. */
function layoutOf(file: string, first: Row | undefined): Layout {
  if (first === undefined)
    throw fault(file, 1, { problem: 'the file is empty; give one with bars' })
  const { cells } = first
  if (/^\d+$/.test(cells[0] ?? '') && cells.length >= KLINE_COLUMNS.length) {
    return { format: 'binance-kline', hasHeader: false, columns: indexOf(KLINE_COLUMNS) }
  }
  const columns = indexOf(cells)
  for (const name of ['open_time', 'open', 'high', 'low', 'close']) {
    if (!columns.has(name)) {
      throw fault(file, first.line, {
        problem: `column '${name}' is missing; known layouts: Binance kline or mark-price kline, BitMEX bars, panel with 'symbol'`,
      })
    }
  }
  return { format: formatOf(columns), hasHeader: true, columns }
}

function formatOf(columns: ReadonlyMap<string, number>): PriceFormat {
  if (columns.has('symbol')) return 'panel'
  if (columns.has('homeNotional') || columns.has('vwap')) return 'bitmex-bars'
  return columns.has('volume') ? 'binance-kline' : 'binance-mark-kline'
}

function indexOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]))
}

function symbolOf(row: Row, { columns }: Layout, file: string): string {
  const column = columns.get('symbol')
  if (column === undefined) return symbolOfName(file)
  const symbol = row.cells[column] ?? ''
  if (/^[A-Z0-9_-]{2,32}$/.test(symbol)) return symbol
  throw fault(file, row.line, {
    column,
    problem: `symbol '${symbol}' is not one; expected capitals and digits`,
  })
}

/** The symbol in a file's name: the first part that ends in a quote currency, else the name itself. */
function symbolOfName(file: string): string {
  const match = /(?:^|[_-])([A-Z0-9]{2,}(?:USDT|USDC|USD)(?:_PERP)?)(?=[_.-]|$)/.exec(file)
  return match?.[1] ?? file.replace(/\..*$/, '')
}

/** What the bars of one symbol are read with. */
interface Reading {
  readonly symbol: string
  readonly layout: Layout
  readonly file: string
}

function seriesOf(rows: readonly Row[], reading: Reading): PriceSeries {
  const { symbol, layout, file } = reading
  const bars = rows.map(row => barOf(row, reading))
  const barMs = barLengthOf(bars, rows, reading)
  return {
    symbol,
    format: layout.format,
    file,
    barMs,
    bars: gapless(bars, { rows, reading, barMs }),
  }
}

function barOf(row: Row, { layout, file }: Reading): Bar {
  const numberAt = (name: string): number => {
    const column = layout.columns.get(name) ?? 0
    const text = row.cells[column] ?? ''
    const value = text.trim() === '' ? NaN : Number(text)
    if (Number.isFinite(value) && value > 0) return value
    throw fault(file, row.line, { column, problem: `${name} '${text}' is not a number above zero` })
  }
  const time = timeOf(row, { layout, file })
  const bar = {
    openTime: time > MICROSECONDS_FROM ? Math.floor(time / 1000) : time,
    open: numberAt('open'),
    high: numberAt('high'),
    low: numberAt('low'),
    close: numberAt('close'),
    silent: isSilent(row, layout),
  }
  checkRange(bar, row, { layout, file })
  return bar
}

function timeOf(row: Row, { layout, file }: Pick<Reading, 'layout' | 'file'>): number {
  const column = layout.columns.get('open_time') ?? 0
  const text = row.cells[column] ?? ''
  if (/^\d{1,16}$/.test(text)) return Number(text)
  throw fault(file, row.line, { column, problem: `open_time '${text}' is not whole milliseconds` })
}

function isSilent(row: Row, { format, columns }: Layout): boolean {
  return format === 'bitmex-bars' && Number(row.cells[columns.get('trades') ?? -1] ?? 1) === 0
}

function checkRange(bar: Bar, row: Row, { layout, file }: Pick<Reading, 'layout' | 'file'>): void {
  const complain = (name: string, problem: string): PriceFileError =>
    fault(file, row.line, { column: layout.columns.get(name) ?? 0, problem })
  if (bar.low > bar.high) throw complain('low', `low ${bar.low} is above high ${bar.high}`)
  const checked =
    layout.format === 'bitmex-bars' ? (['close'] as const) : (['open', 'close'] as const)
  for (const name of checked) {
    if (bar[name] < bar.low || bar[name] > bar.high) {
      throw complain(name, `${name} ${bar[name]} is outside low ${bar.low} to high ${bar.high}`)
    }
  }
}

function barLengthOf(
  bars: readonly Bar[],
  rows: readonly Row[],
  { file, layout }: Reading,
): number {
  const [first, second] = bars
  if (first === undefined || second === undefined) {
    throw fault(file, rows[0]?.line ?? 1, {
      problem: 'one bar alone has no length; give two or more per symbol',
    })
  }
  const barMs = second.openTime - first.openTime
  const isUsable = barMs % MARKET.stepMs === 0 && barMs >= 4 * MARKET.stepMs && barMs <= 86_400_000
  if (isUsable) return barMs
  const column = layout.columns.get('open_time') ?? 0
  throw fault(file, rows[1]?.line ?? 1, {
    column,
    problem: `open_time is ${barMs} ms after the bar before; expected whole seconds, from four seconds to a day`,
  })
}

/** Checks that times rise by whole bars, and puts a silent bar at the last close for each that is missing. */
function gapless(
  bars: readonly Bar[],
  { rows, reading, barMs }: { rows: readonly Row[]; reading: Reading; barMs: number },
): Bar[] {
  const filled: Bar[] = []
  bars.forEach((bar, index) => {
    const before = filled.at(-1)
    if (before !== undefined) {
      const missing = (bar.openTime - before.openTime) / barMs - 1
      if (!Number.isInteger(missing) || missing < 0 || missing > MISSING_BARS_MAX) {
        throw fault(reading.file, rows[index]?.line ?? 1, {
          column: reading.layout.columns.get('open_time') ?? 0,
          problem: `open_time ${bar.openTime} does not follow ${before.openTime} by whole bars of ${barMs} ms`,
        })
      }
      for (let count = 1; count <= missing; count += 1) {
        filled.push(silentBar(before.openTime + count * barMs, before.close))
      }
    }
    filled.push(bar)
  })
  return filled
}

function silentBar(openTime: number, price: number): Bar {
  return { openTime, open: price, high: price, low: price, close: price, silent: true }
}

function fault(
  file: string,
  line: number,
  { column = 0, problem }: { readonly column?: number; readonly problem: string },
): PriceFileError {
  return new PriceFileError({ file, line, column: column + 1, problem })
}
