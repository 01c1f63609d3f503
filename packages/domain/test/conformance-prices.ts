import { ONE, type Decimal } from '../src/decimal.ts'
import { indexPrice } from '../src/index-price.ts'
import { priceOf } from '../src/instrument.ts'
import { basisPrice, fundingPrice, markPriceTicks, medianOfThree } from '../src/mark-price.ts'
import {
  list,
  number,
  numbers,
  text,
  Unsupported,
  type Inputs,
  type Rule,
} from './conformance-inputs.ts'
import { d, specOf } from './generators.ts'

/** Fine enough for every price that a case states. */
const FINE = specOf({ tickSize: d('1e-6') })
const HOUR_MS = 3_600_000

const ticksOf = (price: Decimal): number => price.div(FINE.tickSize).toNumber()

/** Funding over eight hours, a basis given as its mean, a last price. */
function markOf(inputs: Inputs, last: string): Decimal {
  const indexTicks = ticksOf(number(inputs, 'index'))
  const clock = {
    msToFunding: number(inputs, 'hours').toNumber() * HOUR_MS,
    intervalMs: 8 * HOUR_MS,
  }
  const funding = fundingPrice(indexTicks, number(inputs, 'funding'), clock)
  const basis = basisPrice(indexTicks, ticksOf(number(inputs, 'basis_mean')), 1)
  const lastTicks = inputs[last] === null ? null : ticksOf(number(inputs, last))
  return priceOf(FINE, markPriceTicks(funding, basis, lastTicks))
}

/** Impact notional, and a mark that is a median of medians. */
function markOfMedians(inputs: Inputs): { mark: Decimal; impact_notional: Decimal } {
  const [first, second, third] = numbers(inputs, 'cex_marks').map(ticksOf)
  if (first === undefined || second === undefined || third === undefined) {
    throw new Unsupported('a median of other than three marks')
  }
  const mid = number(inputs, 'impact_bid').plus(number(inputs, 'impact_ask')).div(2)
  const mark = medianOfThree(
    ticksOf(number(inputs, 'index_with_funding')),
    medianOfThree(first, second, third),
    ticksOf(mid),
  )
  return { mark: priceOf(FINE, mark), impact_notional: d(500).div(number(inputs, 'imf')) }
}

export const marks: Readonly<Record<string, Rule>> = {
  'mark-price-derived.mark_price'(inputs) {
    if ('cex_marks' in inputs) return markOfMedians(inputs)
    if (!('hours' in inputs)) throw new Unsupported('not a median of three prices')
    return { mark: markOf(inputs, 'contract' in inputs ? 'contract' : 'last') }
  },
  'sluice-linear.mark_price': inputs => ({ mark: markOf(inputs, 'last') }),
  'sluice-linear.index_price'(inputs) {
    const index = indexPrice({
      sources: list(inputs, 'sources').map(source => ({
        source: text(source, 'source'),
        weight: number(source, 'weight').toNumber(),
        priceTicks: number(source, 'price_ticks').toNumber(),
        ageMs: number(source, 'age_ms').toNumber(),
      })),
      quorum: number(inputs, 'quorum').toNumber(),
      outlierRate: number(inputs, 'outlier_rate'),
      maxAgeMs: number(inputs, 'max_age_ms').toNumber(),
    })
    const { indexTicks, included } = index
    return { index_ticks: indexTicks === null ? null : ONE.times(indexTicks), included }
  },
}
