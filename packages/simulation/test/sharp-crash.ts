import type { PriceSeries } from '@sluice/exchange-simulator/bars'
import type { SimulationArguments } from '../src/arguments.ts'

const BAR_MS = 45_000
const START = 1_760_000_000_000
/** Closes of the bars as parts of the first price: calm, a fall in two waves with a bounce between, half of it back. */
const CLOSES = [1, 1.001, 0.999, 0.96, 0.9, 0.92, 0.85, 0.8, 0.83, 0.88, 0.9, 0.9]

function seriesOf(symbol: string, first: number, beta: number): PriceSeries {
  const prices = CLOSES.map(part => first * (1 + (part - 1) * beta))
  const bars = prices.map((close, index) => {
    const open = prices[Math.max(0, index - 1)] ?? first
    const [low, high] = [Math.min(open, close) * 0.999, Math.max(open, close) * 1.001]
    return { openTime: START + index * BAR_MS, open, high, low, close, silent: false }
  })
  return { symbol, format: 'panel', file: 'sharp-crash', barMs: BAR_MS, bars }
}

/** Nine minutes on two instruments with every stage of a liquidation in them: what takes seconds elsewhere takes tenths here. */
export const SHARP_SERIES: readonly PriceSeries[] = [
  seriesOf('BTCUSDT', 60_000, 1),
  seriesOf('DOGEUSDT', 0.25, 1.6),
]

export const SHARP: SimulationArguments = {
  scenario: null,
  prices: [{ name: 'sharp-crash', sha256: '' }],
  accounts: 80,
  seed: 13,
  policy: 'partial',
  evaluators: 1,
  steps: null,
}
