import {
  approximate,
  PRODUCTS_ERROR,
  floorWithin,
  MONEY_SCALE,
  ROUND_CEIL,
  ROUND_FLOOR,
  type Decimal,
} from './decimal.ts'
import { ceilQuotient, floorQuotient, PRICE_TICKS_MAX, tickValue } from './instrument.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'
import {
  valueScope,
  type MarginState,
  type PositionInput,
  type ValuedPosition,
  type ValuedScope,
} from './margin.ts'

/** Part of a scope that is to be closed, and the scope's margin. */
export interface BankruptcyInput {
  /** Value at mark of what is closed; SIGNED: negative for a short [settlement currency] */
  readonly closedValue: Decimal
  /** Maintenance margin that closing it frees */
  readonly closedMaintenance: Decimal
  readonly equity: Decimal
  /** Of the whole scope, above zero */
  readonly maintenanceMargin: Decimal
}

/**
 * Money at which closing a part uses up exactly the equity allotted to it: each part is allotted equity by its share of the
 * maintenance margin, so that closing part after part at these prices ends at zero and no part pays for another.
 *
 *   B = V − ⌊E · M_part / M⌋
 *
 *   V value at mark of the part (signed), E equity, M maintenance margin, M_part what the part frees of it
 *
 * What must be received for a long, and minus what may be paid for a short. The allotment is rounded down, so B never
 * promises a counterparty more than there is.
 *
 * @param scale digits after the point of the smallest unit of money
 * @throws InvalidRiskInputError if the maintenance margin is not above zero
 * @see docs/reference/sizing.md, "Bankruptcy price"
 */
export function bankruptcyValue(input: BankruptcyInput, scale: number = MONEY_SCALE): Decimal {
  const { closedValue, closedMaintenance, equity, maintenanceMargin } = input
  if (maintenanceMargin.lte(0)) {
    throw new InvalidRiskInputError('bankruptcyValue', 'maintenance margin must be above zero')
  }
  const allotted = equity.times(closedMaintenance).div(maintenanceMargin)
  return closedValue.minus(allotted.toDecimalPlaces(scale, ROUND_FLOOR))
}

/** A scope, and which of its positions is to be closed. */
export interface BankruptcyPriceInput {
  readonly walletBalance: Decimal
  readonly positions: readonly PositionInput[]
  readonly index: number
  /** `valueScope` of these, where the caller has it already */
  readonly valued?: ValuedScope
}

/**
 * Price in ticks at which closing one position leaves nothing of the equity allotted to it: the bound of a liquidation order.
 *
 *   ticks = B / (q·v);   B as in `bankruptcyValue` with V = q·v·mark;   q signed lots, v tick value
 *
 * Rounded to the safe side: up for a long (it is sold), down for a short (it is bought).
 *
 * null: none above zero. A LONG may then be sold at any price; a SHORT can be bought back at none, for its scope is too
 * far under water: it needs fund money first. At most 15 digits of ticks are returned.
 *
 * @throws InvalidRiskInputError if there is no position at `index`, or it has no lots
 * @see docs/reference/sizing.md, "Bankruptcy price"
 */
export function bankruptcyPriceTicks(input: BankruptcyPriceInput): number | null {
  const valued = input.valued ?? valueScope(input.walletBalance, input.positions)
  const position = positionAt(valued, input.index)
  return closingPriceTicks(valued.margin, position)
}

/** What closing a position takes: its value at mark, SIGNED, and what it frees. */
export type ClosedPosition = Pick<
  ValuedPosition,
  'maintenanceMargin' | 'quantityLots' | 'spec' | 'value'
>

/** `bankruptcyPriceTicks` of a position that is valued already, where `equity` may be any money that the closing may use up. */
export function closingPriceTicks(margin: Allotted, position: ClosedPosition): number | null {
  return priceOfTicks(provenTicks(margin, position) ?? ticksInDecimals(margin, position))
}

type Allotted = Pick<MarginState, 'equity' | 'maintenanceMargin'>

/** `bankruptcyPriceTicks` without doubles: where these leave a doubt, and what they are tested against. */
export function exactBankruptcyPriceTicks(input: BankruptcyPriceInput): number | null {
  const valued = valueScope(input.walletBalance, input.positions)
  return priceOfTicks(ticksInDecimals(valued.margin, positionAt(valued, input.index)))
}

function positionAt({ positions }: ValuedScope, index: number): ValuedPosition {
  const position = positions[index]
  if (position !== undefined && position.quantityLots !== 0) return position
  const detail = `no open position at index ${index} of ${positions.length}`
  throw new InvalidRiskInputError('bankruptcyPriceTicks', detail)
}

function priceOfTicks(ticks: number): number | null {
  return ticks <= 0 ? null : Math.min(ticks, PRICE_TICKS_MAX)
}

function ticksInDecimals(margin: Allotted, position: ClosedPosition): number {
  const { spec, quantityLots } = position
  const value = bankruptcyValue({
    closedValue: position.value,
    closedMaintenance: position.maintenanceMargin,
    ...margin,
  })
  const unit = tickValue(spec).times(Math.abs(quantityLots))
  const ticks = quantityLots > 0 ? ceilQuotient(value, unit) : floorQuotient(value.negated(), unit)
  return ticks.toNumber()
}

/** The allotment is rounded down to money's scale, and its quotient before that beyond it. */
const ALLOTMENT_ROUNDING = 2e-12

/**
 * The ticks in doubles, or null where their error leaves a doubt of the whole number.
 *
 *   |error of B / (q·v)| ≤ (ε·(|V| + |E|·M_part / M) + 2·10⁻¹²) / (|q|·v) + ε·|B / (q·v)|
 */
function provenTicks(margin: Allotted, position: ClosedPosition): number | null {
  const total = approximate(margin.maintenanceMargin)
  if (!(total > 0)) return null
  const value = approximate(position.value)
  const share = approximate(position.maintenanceMargin) / total
  const allotted = approximate(margin.equity) * share
  const unit = position.quantityLots * approximate(tickValue(position.spec))
  const ticks = (value - allotted) / unit
  const moneyError = PRODUCTS_ERROR * (Math.abs(value) + Math.abs(allotted)) + ALLOTMENT_ROUNDING
  const error = moneyError / Math.abs(unit) + PRODUCTS_ERROR * Math.abs(ticks)
  if (!(Math.abs(ticks) < PRICE_TICKS_MAX)) return null
  if (unit < 0) return floorWithin(ticks, error)
  const floor = floorWithin(-ticks, error)
  return floor === null ? null : -floor
}

/**
 * What an insurance fund must add for a part to be closed at a price without anybody else paying: the shortfall of the
 * proceeds against `bankruptcyValue`, zero if there is none, rounded up to money's scale.
 *
 *   D = max(0, B − P)
 *
 *   P proceeds of closing the part, signed like B [settlement currency]
 */
export function closingDeficit(bankruptcy: Decimal, proceeds: Decimal): Decimal {
  const deficit = bankruptcy.minus(proceeds)
  if (deficit.lte(0)) return deficit.minus(deficit)
  return deficit.toDecimalPlaces(MONEY_SCALE, ROUND_CEIL)
}
