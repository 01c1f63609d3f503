import { ZERO, type Decimal } from '../src/decimal.ts'
import {
  allotDeleveraging,
  compareCandidates,
  deleveragingLights,
  deleveragingScore,
  type DeleveragingRanking,
} from '../src/deleveraging.ts'
import { shareLoss } from '../src/loss-share.ts'
import { marginOf } from '../src/margin.ts'
import {
  flatTier,
  list,
  number,
  positionOf,
  text,
  Unsupported,
  type Inputs,
  type Rule,
} from './conformance-inputs.ts'
import { d } from './generators.ts'

/** Amounts are placed like lots: whole millionths. */
const MONEY_UNIT = 1e6

function rankedByGivenRank(inputs: Inputs): { id: string; score: number; quantityLots: number }[] {
  return list(inputs, 'accounts')
    .map(account => ({
      id: text(account, 'id'),
      score: number(account, 'rank').toNumber(),
      quantityLots: number(account, 'qty').toNumber(),
    }))
    .sort(compareCandidates)
}

const FLOX_RANKINGS: Readonly<Record<string, DeleveragingRanking>> = {
  pnl_ratio: 'profit_to_equity',
  binance: 'profit_notional',
  bybit: 'profit_notional',
  position_size: 'position_size',
}

function floxRanking(inputs: Inputs): DeleveragingRanking {
  const name = 'ranking' in inputs ? text(inputs, 'ranking') : 'pnl_ratio'
  const ranking = FLOX_RANKINGS[name]
  if (ranking === undefined) throw new Unsupported(`ranking ${name}`)
  return ranking
}

function profitOf(position: Inputs, mark: Decimal): Decimal {
  const [quantity, entry] = [number(position, 'qty'), number(position, 'entry')]
  return marginOf(ZERO, [positionOf({ quantity, entry, mark, tiers: flatTier(d('0.01')) })]).equity
}

export const deleveraging: Readonly<Record<string, Rule>> = {
  'sluice-linear.adl_rank'(inputs) {
    const ranked = list(inputs, 'accounts')
      .map(account => ({
        id: text(account, 'id'),
        score: deleveragingScore({
          unrealisedProfit: number(account, 'profit'),
          entryNotional: number(account, 'entry_notional'),
          notional: number(account, 'notional'),
          equity: number(account, 'equity'),
        }),
      }))
      .sort(compareCandidates)
    return { order: ranked.map(({ id }) => id), scores: ranked.map(({ score }) => d(score)) }
  },
  'sluice-linear.adl_execution': inputs => bitmexFills(inputs),
  'bitmex.adl_execution': inputs => bitmexFills(inputs),
  'bitmex.adl_rank'(inputs) {
    const ranked = rankedByGivenRank(inputs)
    const percentile = deleveragingLights(ranked).map(light => d(20 * light))
    return { order: ranked.map(({ id }) => id), percentile }
  },
  'hyperliquid.adl_rank'(inputs) {
    const ranked = list(inputs, 'accounts').map(account => {
      const [mark, entry] = [number(account, 'mark'), number(account, 'entry')]
      const notional = number(account, 'notional')
      const score = deleveragingScore({
        unrealisedProfit: notional.times(mark.minus(entry)).div(mark),
        entryNotional: notional.times(entry).div(mark),
        notional,
        equity: number(account, 'account_value'),
        ranking: 'price_ratio_leverage',
      })
      return { id: text(account, 'id'), score }
    })
    return { order: ranked.sort(compareCandidates).map(({ id }) => id) }
  },
  /** The first position is the loser; winners give up profit from the top of the ranking until its deficit is met. */
  'flox.adl_rank'(inputs) {
    const [loser, ...others] = list(inputs, 'positions')
    if (loser === undefined) throw new Unsupported('no positions')
    const mark = number(inputs, 'mark')
    const ranking = floxRanking(inputs)
    const ranked = others
      .map(position => ({
        id: text(position, 'id'),
        quantityLots: profitOf(position, mark).times(MONEY_UNIT).toNumber(),
        score: deleveragingScore({
          unrealisedProfit: profitOf(position, mark),
          entryNotional: number(position, 'qty').times(number(position, 'entry')),
          notional: number(position, 'qty').times(mark).abs(),
          equity: number(position, 'equity'),
          ranking,
          quantityLots: number(position, 'qty').abs().toNumber(),
        }),
      }))
      .filter(({ quantityLots }) => quantityLots > 0)
      .sort(compareCandidates)
    const deficit = number(loser, 'equity').plus(profitOf(loser, mark)).negated()
    const placed = allotDeleveraging(deficit.times(MONEY_UNIT).toNumber(), ranked)
    return { adl: placed.map(({ id }) => id) }
  },
  'flox.adl_execution'(inputs) {
    const [loser, winner] = [inputs['loser'] as Inputs, inputs['winner'] as Inputs]
    const mark = number(inputs, 'mark')
    const deficit = number(loser, 'equity').plus(profitOf(loser, mark)).negated()
    const profit = profitOf(winner, mark)
    const [share] = shareLoss(deficit.minus(number(inputs, 'fund')), [{ id: 'winner', profit }])
    const after = number(winner, 'equity')
      .plus(profit)
      .minus(share?.amount ?? 0)
    return { winner_equity_after: after }
  },
}

function bitmexFills(inputs: Inputs): { fills: { account: string; closed: Decimal }[] } {
  const placed = allotDeleveraging(number(inputs, 'size').toNumber(), rankedByGivenRank(inputs))
  return { fills: placed.map(({ id, quantityLots }) => ({ account: id, closed: d(quantityLots) })) }
}
