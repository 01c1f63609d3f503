import { bankruptcyPriceTicks, bankruptcyValue, closingDeficit } from '../src/bankruptcy-price.ts'
import { ONE, ZERO, type Decimal } from '../src/decimal.ts'
import { priceOf, ticksAtOrAbove, ticksAtOrBelow } from '../src/instrument.ts'
import { liquidationFee } from '../src/liquidation-fee.ts'
import { liquidationPriceTicks } from '../src/liquidation-price.ts'
import { sliceLots } from '../src/lots.ts'
import { isLiquidatable, marginOf, positionMaintenance, type PositionInput } from '../src/margin.ts'
import { closingCostRate, restoreLots, restoreNotional } from '../src/restore-margin.ts'
import { maintenanceMargin, tierOf, type RiskTier } from '../src/tiers.ts'
import {
  flatTier,
  list,
  number,
  numberOr,
  numbers,
  positionOf,
  tiersIn,
  Unsupported,
  type Answer,
  type Inputs,
  type Rule,
} from './conformance-inputs.ts'
import { d, specOf, tiersOf } from './generators.ts'

function amountsOf(tiers: readonly RiskTier[], inputs: Inputs): Answer {
  const notionals = numbers(inputs, 'notional')
  return {
    mmr: notionals.map(notional => tierOf(tiers, notional).maintenanceRate),
    amt: notionals.map(notional => tierOf(tiers, notional).deduction),
    mm: notionals.map(notional => maintenanceMargin(tiers, notional)),
    deduction: tiers.at(-1)?.deduction,
  }
}

/** Brackets whose rate applies to the whole notional: nothing is deducted. */
function steppedTiers(inputs: Inputs): RiskTier[] {
  return tiersIn(inputs).map(tier => ({ ...tier, deduction: ZERO }))
}

function floxLiquidatable(position: Inputs, mark: Decimal, tiers: readonly RiskTier[]): boolean {
  const [quantity, entry] = [number(position, 'qty'), number(position, 'entry')]
  const leg = positionOf({ quantity, entry, mark, tiers })
  return isLiquidatable(marginOf(number(position, 'equity'), [leg]), ONE)
}

/** Positions of the dYdX cases: 8 and 9 decimals, prices 50,000 and 3,000, a tenth of maintenance margin. */
function dydxPositions(inputs: Inputs, name = 'positions_base_quantums'): PositionInput[] {
  const quantums = inputs[name] as Readonly<Record<string, string>>
  return Object.entries(quantums).map(([market, lots]) => ({
    spec: specOf({
      instrument: market,
      lotSize: d(market === 'BTC' ? '1e-8' : '1e-9'),
      tickSize: ONE,
    }),
    tiers: flatTier(d('0.1')),
    quantityLots: Number(lots),
    entryNotional: ZERO,
    markTicks: market === 'BTC' ? 50_000 : 3_000,
  }))
}

function dydxBankruptcyValue(inputs: Inputs, positions: PositionInput[], market: string): Decimal {
  const position = positions.find(({ spec }) => spec.instrument === market)
  if (position === undefined) throw new Unsupported(`no position in ${market}`)
  const closedLots = -number(inputs, 'delta_quantums').toNumber()
  const closed = { ...position, quantityLots: closedLots }
  const part = {
    closedValue: marginOf(ZERO, [closed]).equity,
    closedMaintenance: positionMaintenance(closed),
    ...marginOf(number(inputs, 'usdc'), positions),
  }
  return bankruptcyValue(part, 6)
}

export const requirements: Readonly<Record<string, Rule>> = {
  'sluice-linear.maintenance_amount': inputs => amountsOf(tiersIn(inputs), inputs),
  'binance.maintenance_amount'(inputs) {
    const brackets = list(inputs, 'brackets')
    const pairs = brackets.map(({ floor, mmr }) => [floor, mmr] as [string, string])
    return amountsOf(tiersOf(pairs), inputs)
  },
  'hyperliquid.maintenance_amount'(inputs) {
    const edges: [string, string][] = [
      ['0', number(inputs, 'rate_prev').toFixed()],
      [number(inputs, 'lower_bound').toFixed(), number(inputs, 'rate').toFixed()],
    ]
    return amountsOf(tiersOf(edges), inputs)
  },
  'flox.tier_lookup'(inputs) {
    const [tiers, notional] = [steppedTiers(inputs), number(inputs, 'notional')]
    if (tiers.some(({ notionalFloor }) => notionalFloor.eq(notional) && !notional.isZero())) {
      throw new Unsupported('an edge belongs to the bracket above it at this venue')
    }
    return { mmf: tierOf(tiers, notional).maintenanceRate }
  },
  'flox.trigger'(inputs) {
    const [tiers, mark] = [steppedTiers(inputs), number(inputs, 'mark')]
    if ('qty' in inputs) return { liquidatable: floxLiquidatable(inputs, mark, tiers) }
    const below = list(inputs, 'positions').filter(position =>
      floxLiquidatable(position, mark, tiers),
    )
    return { liquidated: d(below.length) }
  },
  'dydx-v4.trigger'(inputs) {
    const positions = dydxPositions(inputs)
    const margin = marginOf(number(inputs, 'usdc'), positions)
    return { liquidatable: positions.length > 0 && isLiquidatable(margin, ONE) }
  },
  'paradex.cross_margin_health'(inputs) {
    const tiers = flatTier(number(inputs, 'mmf'))
    const positions = list(inputs, 'positions').map(position =>
      positionOf({
        quantity: number(position, 'size'),
        entry: number(position, 'entry'),
        mark: number(position, 'mark'),
        tiers,
      }),
    )
    const { equity, maintenanceMargin: mmr } = marginOf(number(inputs, 'collateral'), positions)
    return { av: equity, mmr, margin_ratio: mmr.div(equity) }
  },
}

interface LiquidationFacts {
  /** Signed */
  readonly quantity: Decimal
  readonly entry: Decimal
  readonly wallet: Decimal
  readonly tiers: readonly RiskTier[]
  readonly mark?: Decimal
  readonly others?: readonly PositionInput[]
  readonly trigger?: Decimal
}

function liquidationPriceOf(facts: LiquidationFacts): Decimal | null {
  const { quantity, entry, wallet, tiers, mark = entry, others = [], trigger = ONE } = facts
  const moving = positionOf({ quantity, entry, mark, tiers })
  const ticks = liquidationPriceTicks({
    walletBalance: wallet,
    positions: [moving, ...others],
    index: 0,
    triggerRatio: trigger,
  })
  return ticks === null ? null : priceOf(moving.spec, ticks)
}

function binanceLeg(leg: Inputs): PositionInput {
  return positionOf({
    quantity: number(leg, 'q'),
    entry: number(leg, 'ep'),
    mark: number(leg, 'mk'),
    tiers: flatTier(number(leg, 'mmr'), number(leg, 'cum')),
  })
}

function isolatedFacts(inputs: Inputs): Pick<LiquidationFacts, 'quantity' | 'entry' | 'wallet'> {
  const entry = number(inputs, 'entry')
  const quantity = numberOr(inputs, 'qty', 1).times(numberOr(inputs, 'side', 1))
  const margin = () => quantity.abs().times(entry).div(number(inputs, 'leverage'))
  const wallet = 'wallet_balance' in inputs ? number(inputs, 'wallet_balance') : margin()
  return { entry, quantity, wallet: wallet.plus(numberOr(inputs, 'extra', 0)) }
}

export const liquidationPrices: Readonly<Record<string, Rule>> = {
  'sluice-linear.liq_price'(inputs) {
    const others = list(inputs, 'others').map(other =>
      positionOf({
        quantity: number(other, 'qty'),
        entry: number(other, 'entry'),
        mark: number(other, 'mark'),
        tiers: tiersIn(other),
      }),
    )
    const trigger = number(inputs, 'trigger')
    const facts = { ...isolatedFacts(inputs), tiers: tiersIn(inputs), others, trigger }
    return { liq_price: liquidationPriceOf(facts) }
  },
  'binance.liq_price'(inputs) {
    if (!('this' in inputs)) {
      const tiers = flatTier(number(inputs, 'mmr'), number(inputs, 'cum'))
      return { liq_price: liquidationPriceOf({ ...isolatedFacts(inputs), tiers }) }
    }
    const own = inputs['this'] as Inputs
    const price = liquidationPriceOf({
      quantity: number(own, 'q'),
      entry: number(own, 'ep'),
      wallet: number(inputs, 'wallet_balance'),
      tiers: flatTier(number(own, 'mmr'), number(own, 'cum')),
      others: [binanceLeg(inputs['other'] as Inputs)],
    })
    return { liq_price: price }
  },
  'okx-gate.liq_price'(inputs) {
    const tiers = flatTier(number(inputs, 'mmr').plus(number(inputs, 'taker')))
    return { liq_price: liquidationPriceOf({ ...isolatedFacts(inputs), tiers }) }
  },
  /** Maintenance margin is taken at entry there: a requirement that does not move with the price. */
  'bybit.liq_price'(inputs) {
    const facts = isolatedFacts(inputs)
    const mm = facts.quantity.times(facts.entry).times(number(inputs, 'mmr')).abs()
    const tiers = flatTier(ZERO, mm.negated())
    return { im: facts.wallet, mm, liq_price: liquidationPriceOf({ ...facts, tiers }) }
  },
  'bitmex.liq_price'(inputs) {
    const entry = number(inputs, 'entry')
    const wallet = number(inputs, 'im').times(entry)
    const constant = flatTier(ZERO, number(inputs, 'mm').times(entry).negated())
    const position = positionOf({ quantity: ONE, entry, mark: entry, tiers: constant })
    const facts = { walletBalance: wallet, positions: [position], index: 0 }
    return {
      bankruptcy: priceOf(position.spec, bankruptcyPriceTicks(facts) ?? 0),
      liquidation: liquidationPriceOf({ quantity: ONE, entry, wallet, tiers: constant }),
    }
  },
  'hyperliquid.liq_price'(inputs) {
    const [price, size] = [number(inputs, 'price'), number(inputs, 'size')]
    const rate = ONE.div(number(inputs, 'max_leverage').times(2))
    const elsewhere = number(inputs, 'mm').minus(size.times(price).times(rate))
    const facts = {
      quantity: size.times(number(inputs, 'side')),
      entry: price,
      wallet: number(inputs, 'account_value'),
      tiers: flatTier(rate, elsewhere.negated()),
    }
    return { liq_price: liquidationPriceOf(facts) }
  },
  'dydx-v4.liq_price'(inputs) {
    const others = list(inputs, 'other').map(other => {
      const mark = number(other, 'price')
      const tiers = flatTier(number(other, 'mmf'))
      return positionOf({ quantity: number(other, 'size'), entry: mark, mark, tiers })
    })
    const facts = {
      quantity: number(inputs, 'size'),
      entry: number(inputs, 'price'),
      wallet: number(inputs, 'equity'),
      tiers: flatTier(number(inputs, 'mmf')),
      others,
    }
    const required = others.reduce((sum, other) => sum.plus(positionMaintenance(other)), ZERO)
    return { mmr_other: required, liq_price: liquidationPriceOf(facts) }
  },
  /** All of the requirement but the funding part moves with the price; the collateral is a multiple of it. */
  'vega.liq_price'(inputs) {
    const [mark, quantity] = [number(inputs, 'mark'), number(inputs, 'volume')]
    const size = quantity.abs()
    const rate = number(inputs, quantity.gt(0) ? 'rf_long' : 'rf_short')
      .plus(number(inputs, 'linear_slippage'))
      .plus(number(inputs, 'quadratic_slippage').times(size))
    const funding = quantity.times(number(inputs, 'funding_per_unit'))
    const tiers = flatTier(rate, funding.gt(0) ? funding.negated() : ZERO)
    const required = positionMaintenance(positionOf({ quantity, entry: mark, mark, tiers }))
    const priceWith = (factor: Decimal) =>
      liquidationPriceOf({ quantity, entry: mark, wallet: required.times(factor), tiers })
    const collateral = required.times(number(inputs, 'collateral_factor'))
    const price = priceWith(number(inputs, 'collateral_factor'))
    if (price === null) throw new Unsupported('no price above zero')
    const after = marginOf(collateral, [positionOf({ quantity, entry: mark, mark: price, tiers })])
    const gap = after.equity.minus(after.maintenanceMargin).abs()
    return {
      liq_price_at_mm: priceWith(ONE),
      margin_equals_collateral_after_loss: gap.lt(after.maintenanceMargin.times('1e-6')),
    }
  },
  'drift-v2.liq_price'(inputs) {
    const facts = {
      quantity: number(inputs, 'size'),
      entry: number(inputs, 'entry'),
      wallet: number(inputs, 'collateral'),
      tiers: flatTier(number(inputs, 'mm_ratio')),
    }
    return { liq_price: liquidationPriceOf(facts) }
  },
}

export const bankruptcies: Readonly<Record<string, Rule>> = {
  'sluice-linear.bankruptcy_price'(inputs) {
    const positions = list(inputs, 'positions').map(position =>
      positionOf({
        quantity: number(position, 'qty'),
        entry: number(position, 'entry'),
        mark: number(position, 'mark'),
        tiers: tiersIn(inputs),
      }),
    )
    const walletBalance = number(inputs, 'wallet')
    const prices = positions.map(({ spec }, index) => {
      const ticks = bankruptcyPriceTicks({ walletBalance, positions, index })
      return ticks === null ? null : priceOf(spec, ticks)
    })
    return { prices }
  },
  'dydx-v4.bankruptcy_price'(inputs) {
    const value = dydxBankruptcyValue(inputs, dydxPositions(inputs), String(inputs['market']))
    return { quote_quantums: value.times(1e6) }
  },
  /** What a fill leaves above the bankruptcy value is the fee, up to its rate; what it lacks the fund pays. */
  'dydx-v4.insurance_delta'(inputs) {
    const positions = dydxPositions(inputs, 'position_base_quantums')
    const bankruptcy = dydxBankruptcyValue(inputs, positions, 'BTC')
    const sold = number(inputs, 'delta_quantums').times('-1e-8')
    const proceeds = sold.times(number(inputs, 'fill_price_usd'))
    const surplus = proceeds.minus(bankruptcy)
    const rate = number(inputs, 'max_liquidation_fee_ppm').div(1e6)
    const fee = liquidationFee(proceeds.abs(), rate)
    const delta = surplus.gt(0)
      ? fee.lt(surplus)
        ? fee
        : surplus
      : closingDeficit(bankruptcy, proceeds).negated()
    return { insurance_delta_quote_quantums: delta.times(1e6) }
  },
  'dydx-v4.price_rounding'(inputs) {
    const subticks = number(inputs, 'subticks_per_tick')
    const round = inputs['closing_long'] === true ? ticksAtOrAbove : ticksAtOrBelow
    const ticks = round(specOf({ tickSize: subticks }), number(inputs, 'price_subticks'))
    if (ticks < 1)
      throw new Unsupported('a price below one tick is none here, there it is one tick')
    return { subticks: subticks.times(ticks) }
  },
  /** Lighter's zero price is the same rule: equity is allotted by maintenance margin. */
  'other-docs.bankruptcy_price'(inputs) {
    const [equity, mmr] = [number(inputs, 'av'), number(inputs, 'mmr')]
    const [quantity, side] = [number(inputs, 'close_qty'), number(inputs, 'side')]
    const closedValue = quantity.times(side).times(number(inputs, 'mark'))
    const closedMaintenance = closedValue.abs().times(number(inputs, 'mmf'))
    const part = { closedValue, closedMaintenance, equity, maintenanceMargin: mmr }
    const value = bankruptcyValue(part, 20)
    const after = equity.minus(closedValue.minus(value)).div(mmr.minus(closedMaintenance))
    return {
      zero_price: value.div(quantity.times(side)),
      ratio_unchanged: after.minus(equity.div(mmr)).abs().lt('1e-15'),
    }
  },
}

/** The table that the closed form's file states in words. */
const STATED_TIERS = tiersOf([
  [0, '0.004'],
  [50_000, '0.005'],
  [250_000, '0.01'],
  [1_000_000, '0.025'],
])

export const sizes: Readonly<Record<string, Rule>> = {
  'closed-form-derived.partial_size'(inputs) {
    const closed = restoreNotional({
      notional: number(inputs, 'notional'),
      tiers: 'tiers' in inputs ? tiersIn(inputs) : STATED_TIERS,
      equity: number(inputs, 'equity'),
      otherMaintenance: number(inputs, 'other_mm'),
      target: number(inputs, 'buffer').plus(1),
      costRate: number(inputs, 'slippage').plus(number(inputs, 'penalty')),
    })
    return { close_notional: closed }
  },
  /** A shortage instead of an equity, one rate, and a position large enough not to bound the answer. */
  'drift-v2.partial_size'(inputs) {
    const [shortage, price] = [number(inputs, 'margin_shortage'), number(inputs, 'price')]
    const quote = number(inputs, 'quote_price')
    const rate = number(inputs, 'margin_ratio').times(quote)
    const notional = price.times('1e9')
    const closed = restoreNotional({
      notional,
      tiers: flatTier(rate),
      equity: notional.times(rate).minus(shortage),
      otherMaintenance: ZERO,
      target: ONE,
      costRate: number(inputs, 'liquidator_fee').times(quote).plus(number(inputs, 'if_fee')),
    })
    return { base: closed.eq(notional) ? 'MAX' : closed.div(price) }
  },
  'sluice-linear.partial_size'(inputs) {
    const position = {
      spec: specOf({
        lotSize: number(inputs, 'lot_size'),
        tickSize: number(inputs, 'tick_size'),
      }),
      tiers: tiersIn(inputs),
      quantityLots: number(inputs, 'lots').toNumber(),
      entryNotional: ZERO,
      markTicks: number(inputs, 'mark_ticks').toNumber(),
    }
    const [expectedSlippage, feeRate] = [number(inputs, 'slippage'), number(inputs, 'fee_rate')]
    const own = positionMaintenance(position)
    const lots = restoreLots({
      position,
      equity: number(inputs, 'equity'),
      maintenanceMargin: own.plus(number(inputs, 'other_mm')),
      triggerRatio: number(inputs, 'trigger'),
      restoreBuffer: number(inputs, 'buffer'),
      expectedSlippage,
      feeRate,
    })
    const isLong = position.quantityLots > 0
    const costRate = closingCostRate({ isLong, expectedSlippage, feeRate })
    return { close_lots: d(lots), cost_rate: costRate }
  },
  'sluice-linear.slice'(inputs) {
    const whole = (name: string): number => number(inputs, name).toNumber()
    const lots = sliceLots({
      wantedLots: whole('wanted'),
      positionLots: whole('position'),
      bookLots: whole('book'),
      bookFraction: number(inputs, 'fraction'),
      spec: { orderLotsMin: whole('order_min'), orderLotsMax: whole('order_max') },
    })
    return { lots: d(lots) }
  },
}
