const MINUTE_MS = 60_000
const START = 1_760_000_000_000
/** Closes of one-minute bars as parts of the first price: a fall by a fifth within three minutes. */
const CLOSES = [1, 0.999, 0.95, 0.87, 0.8, 0.84]
const FIRST = 60_000
const HEADER = 'open_time,open,high,low,close,volume,close_time'

/** A file as Binance publishes them, with a crash in it that lasts six minutes. */
export function priceTable(): string {
  const rows = CLOSES.map((part, index) => {
    const open = FIRST * (CLOSES[index - 1] ?? 1)
    const close = FIRST * part
    const openTime = START + index * MINUTE_MS
    const prices = [open, Math.max(open, close) * 1.001, Math.min(open, close) * 0.999, close]
    return [openTime, ...prices.map(price => price.toFixed(2)), 10, openTime + MINUTE_MS - 1].join()
  })
  return [HEADER, ...rows, ''].join('\n')
}

/** The same with one cell changed; lines and columns count from 1, the header is line 1. */
export function damagedTable(line: number, column: number, text: string): string {
  const lines = priceTable().split('\n')
  const cells = (lines[line - 1] ?? '').split(',')
  cells[column - 1] = text
  lines[line - 1] = cells.join()
  return lines.join('\n')
}
