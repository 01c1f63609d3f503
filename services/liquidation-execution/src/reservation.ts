import type { PositionRisk } from '@sluice/contracts/generated/events'
import {
  approximate,
  PRODUCTS_ERROR,
  Decimal,
  isAboveZero,
  MONEY_SCALE,
  ROUND_UP,
  ZERO,
} from '@sluice/domain/decimal'
import { notionalOf, tickValue } from '@sluice/domain/instrument'
import { causes } from './context.ts'
import type { Context } from './context.ts'
import { coverOf, equityLessFee, reservedFor } from './cover.ts'
import { available, legsOf } from './legs.ts'
import type { Leg } from './legs.ts'
import { withAmount } from './pool-amounts.ts'
import { countReserved } from './state.ts'
import type { Book, Liquidation, State } from './state.ts'

/** Money that a pool sets aside, and the figures it follows from. */
export interface Reservation {
  readonly pool: string
  readonly amount: Decimal
  /** Of the rest at the worst price; zero where nothing is open */
  readonly closingLoss: Decimal
}

/**
 * What closing all that is left loses against the mark, if every position is closed so far beyond the best price.
 *
 *   Σ N(|m − p|) + δ·N(p),   p = min(m, bid) for a long, max(m, ask) for a short
 *
 *   N(p) absolute value at price p; m mark, bid and ask the best of the book where it has one; δ the distance [settlement
 *   currency]. Rounded up at money's scale. No fee is in it: where others pay none is charged.
 */
function closingLoss(state: State, liquidation: Liquidation, distance: Decimal): Decimal {
  return legsOf(state, liquidation)
    .reduce(
      (sum, leg) => sum.plus(lossOf(leg, state.books.get(leg.risk.instrument), distance)),
      ZERO,
    )
    .toDecimalPlaces(MONEY_SCALE, ROUND_UP)
}

function lossOf({ risk, input }: Leg, book: Book | undefined, distance: Decimal): Decimal {
  const lots = Math.abs(risk.quantityLots)
  const ticks = worseTicks(risk, book)
  const beyond = notionalOf(input.spec, lots, ticks).times(distance)
  if (ticks === risk.markTicks) return beyond
  return notionalOf(input.spec, lots, Math.abs(risk.markTicks - ticks)).plus(beyond)
}

/** The mark, or the best of the book where that is worse for closing. */
function worseTicks({ quantityLots, markTicks }: PositionRisk, book: Book | undefined): number {
  return quantityLots > 0
    ? Math.min(markTicks, book?.bidTicks || markTicks)
    : Math.max(markTicks, book?.askTicks ?? 0)
}

/**
 * What is missing for closing the rest with the expected slippage; zero where nothing is [settlement currency]. Exact.
 *
 * Doubles may prove that nothing is: where the cover is above the loss by more than 16·ε·(cover + loss) + 2·10⁻¹², which bounds the
 * error of fewer than eight factors each (ε is `APPROXIMATION_ERROR`, 16·ε `PRODUCTS_ERROR`) and the rounding of the loss.
 */
export function missingCover(state: State, liquidation: Liquidation): Decimal {
  const { expectedSlippage } = liquidation.policy
  const cover = approximate(coverOf(liquidation))
  const loss = approximateLoss(state, liquidation, approximate(expectedSlippage))
  const doubt = PRODUCTS_ERROR * (Math.abs(cover) + loss) + 2e-12
  if (cover - loss > doubt) return ZERO
  const missing = closingLoss(state, liquidation, expectedSlippage).minus(coverOf(liquidation))
  return isAboveZero(missing) ? missing : ZERO
}

/** `closingLoss` in doubles, not rounded. */
function approximateLoss(state: State, liquidation: Liquidation, distance: number): number {
  let sum = 0
  for (const { risk, input } of legsOf(state, liquidation)) {
    const ticks = worseTicks(risk, state.books.get(risk.instrument))
    const perLot =
      (Math.abs(risk.markTicks - ticks) + distance * ticks) * approximate(tickValue(input.spec))
    sum += Math.abs(risk.quantityLots) * perLot
  }
  return sum
}

/**
 * What the pool sets aside so that the rest can be closed at the worst price its slices may take: as far from the best price as
 * the policy calls the book visible, at most what the pool has left. Undefined: nothing is missing, or the pool has nothing.
 */
export function reservationFor(
  state: State,
  liquidation: Liquidation,
  pool: string,
): Reservation | undefined {
  const { bookDistanceRate, expectedSlippage } = liquidation.policy
  const distance = Decimal.max(bookDistanceRate, expectedSlippage)
  return upTo(state, liquidation, { pool, closingLoss: closingLoss(state, liquidation, distance) })
}

/** What the pool sets aside for the debt of a flat scope beyond what is reserved already. */
export function reservationForDebt(
  state: State,
  liquidation: Liquidation,
  pool: string,
): Reservation | undefined {
  return upTo(state, liquidation, { pool, closingLoss: ZERO })
}

function upTo(
  state: State,
  liquidation: Liquidation,
  { pool, closingLoss: loss }: Omit<Reservation, 'amount'>,
): Reservation | undefined {
  if (liquidation.fundRefused) return undefined
  const missing = loss.minus(coverOf(liquidation))
  const amount = Decimal.min(missing, available(state, pool))
  return isAboveZero(amount) ? { pool, amount, closingLoss: loss } : undefined
}

/** The pool stands behind the liquidation from now on. If that is all that was missing, the search for a price begins anew. */
export function reserve(
  { state, turn }: Context,
  liquidation: Liquidation,
  { pool, amount, closingLoss: loss }: Reservation,
): void {
  const equity = equityLessFee(liquidation)
  setReserved(state, liquidation, { pool, change: amount })
  const { statement, statementId, reserved } = liquidation
  turn.emit(
    {
      type: 'PoolReserved',
      liquidationId: liquidation.id,
      scope: liquidation.scope,
      pool,
      currency: statement.currency,
      amount,
      equity,
      closingLoss: loss,
      reserved: reserved.get(pool) ?? ZERO,
      poolAvailable: available(state, pool),
    },
    causes(turn.inputId, statementId),
  )
  if (coverOf(liquidation).gte(loss)) liquidation.unfilledSlices = 0
}

/** Gives back what is reserved beyond `needed`: pools by name, the last first. */
export function releaseBeyond(context: Context, liquidation: Liquidation, needed: Decimal): void {
  let excess = reservedFor(liquidation).minus(needed)
  for (const pool of [...liquidation.reserved.keys()].sort().reverse()) {
    if (excess.lte(0)) return
    const amount = Decimal.min(excess, liquidation.reserved.get(pool) ?? ZERO)
    release(context, liquidation, { pool, amount })
    excess = excess.minus(amount)
  }
}

/** Nothing is reserved any more: the liquidation is over, or waits for a person. */
export function releaseAll(context: Context, liquidation: Liquidation): void {
  releaseBeyond(context, liquidation, ZERO)
}

/** Gives back all that one pool set aside. */
export function releasePool(context: Context, liquidation: Liquidation, pool: string): void {
  const amount = liquidation.reserved.get(pool)
  if (amount !== undefined) release(context, liquidation, { pool, amount })
}

function release(
  { state, turn }: Context,
  liquidation: Liquidation,
  { pool, amount }: { readonly pool: string; readonly amount: Decimal },
): void {
  setReserved(state, liquidation, { pool, change: amount.neg() })
  turn.emit({
    type: 'PoolReleased',
    liquidationId: liquidation.id,
    scope: liquidation.scope,
    pool,
    currency: liquidation.statement.currency,
    amount,
    reserved: liquidation.reserved.get(pool) ?? ZERO,
    poolAvailable: available(state, pool),
  })
}

/** The pool paid: what it paid is no longer set aside. */
export function useReserved(
  state: State,
  liquidation: Liquidation,
  { pool, amount }: { readonly pool: string; readonly amount: Decimal },
): void {
  const held = liquidation.reserved.get(pool) ?? ZERO
  setReserved(state, liquidation, { pool, change: Decimal.min(held, amount).neg() })
}

function setReserved(
  state: State,
  liquidation: Liquidation,
  { pool, change }: { readonly pool: string; readonly change: Decimal },
): void {
  const after = (liquidation.reserved.get(pool) ?? ZERO).plus(change)
  liquidation.reserved = withAmount(liquidation.reserved, pool, after)
  countReserved(state, pool, change)
}
