import { isLiquidatable } from '@sluice/domain/margin'
import { Decimal, isAboveZero, ZERO } from '@sluice/domain/decimal'
import type { LiquidationOutcome } from '@sluice/contracts/generated/events'
import type { BookSide } from './book.ts'
import { isGathered, lotsToPlace, openPairs } from './deleveraging.ts'
import { coverOf, feeDue, reservedFor } from './cover.ts'
import { owedBack } from './fund.ts'
import type { Movement } from './fund.ts'
import { chooseLeg, legsOf, poolOf } from './legs.ts'
import type { Leg } from './legs.ts'
import { isStopped, standingReasons } from './pauses.ts'
import type { HaltReason, PauseReason } from './reasons.ts'
import { missingCover, reservationFor, reservationForDebt } from './reservation.ts'
import type { Reservation } from './reservation.ts'
import type { ExecutionSettings } from './settings.ts'
import { closesAll, isRestored, planSlice, sideOf } from './slice.ts'
import type { SlicePlan } from './slice.ts'
import { containsAllKnown, isUntouched } from './state.ts'
import type { DeleveragingCause, Fee, Liquidation, State } from './state.ts'

/** What a liquidation does next. Deciding it changes nothing. */
export type Step =
  | { readonly do: 'wait'; readonly reasons: readonly PauseReason[]; readonly book?: BookSide }
  | { readonly do: 'avert' }
  | { readonly do: 'cancel'; readonly reasons: readonly PauseReason[] }
  | { readonly do: 'slice'; readonly plan: SlicePlan }
  | { readonly do: 'pass' }
  | { readonly do: 'widen' }
  | { readonly do: 'reserve'; readonly reservation: Reservation }
  | { readonly do: 'release'; readonly needed: Decimal }
  | { readonly do: 'charge'; readonly fee: Fee }
  | { readonly do: 'move_fund'; readonly movement: Movement }
  | { readonly do: 'gather'; readonly leg: Leg; readonly cause: DeleveragingCause }
  | { readonly do: 'deleverage' }
  | { readonly do: 'abandon_deleveraging' }
  | { readonly do: 'order_pairs' }
  | { readonly do: 'end_deleveraging'; readonly openLots: number }
  | { readonly do: 'start_over' }
  | { readonly do: 'share_loss'; readonly amount: Decimal }
  | { readonly do: 'complete'; readonly outcome: LiquidationOutcome }
  | { readonly do: 'halt'; readonly reason: HaltReason }

export interface Setting {
  readonly state: State
  readonly settings: ExecutionSettings
  /** Task time */
  readonly now: number
}

const WAIT: Step = { do: 'wait', reasons: [] }

/**
 * The waterfall: trader's orders cancelled, slices, what a pool stands for, deleveraging, loss share, debt and fee, done.
 *
 * In order of precedence: what makes it stop, what is out already, whether the statement contains all that is known, and only
 * then what the numbers ask for.
 */
export function nextStep(setting: Setting, liquidation: Liquidation): Step {
  const { stage } = liquidation
  const reasons = standingReasons(setting.state, liquidation)
  if (stage.name === 'halted') return { do: 'wait', reasons: liquidation.pauses }
  if (hasRecovered(liquidation, reasons)) return { do: 'avert' }
  if (isStopped(reasons) && stage.name === 'working' && stage.cancellation === null) {
    return { do: 'cancel', reasons }
  }
  if (reasons.length > 0) return { do: 'wait', reasons }
  if (stage.name === 'gathering' && !isGathered(stage, setting.settings.evaluators, setting.now)) {
    return WAIT
  }
  if (stage.name === 'ready') return readyStep(setting, liquidation)
  if (stage.name === 'gathering') return gatheredStep(setting, liquidation)
  if (stage.name === 'deleveraging') return deleveragingStep(setting, liquidation)
  return WAIT
}

/** Before the first order a statement above the trigger calls it off, unless it may not be believed. */
function hasRecovered(liquidation: Liquidation, reasons: readonly PauseReason[]): boolean {
  const { statement, stage, policy } = liquidation
  if (!isUntouched(liquidation) || !liquidation.statementFresh) return false
  if (stage.name !== 'ready' && stage.name !== 'cancelling') return false
  if (reasons.includes('untrusted') || reasons.includes('price_quality')) return false
  return !isLiquidatable(statement, policy.triggerRatio)
}

/** Whether the statement's prices still hold: it is young enough, or no mark of it has moved since. */
function isCurrent({ state, now }: Setting, { statement, policy }: Liquidation): boolean {
  if (now - statement.evaluatedAt <= policy.triggerMaxAgeMs) return true
  return statement.positions.every(
    ({ instrument, markTicks }) => state.marks.get(instrument)?.markTicks === markTicks,
  )
}

function readyStep(setting: Setting, liquidation: Liquidation): Step {
  if (liquidation.lossUncovered) return { do: 'halt', reason: 'loss_uncovered' }
  if (liquidation.rejections >= setting.settings.rejectionsMax) {
    return { do: 'halt', reason: 'orders_rejected' }
  }
  if (!isBelievable(setting, liquidation)) return WAIT
  if (liquidation.statement.openOrders.length > 0) return cancelStep(setting, liquidation)
  const leg = chooseLeg(legsOf(setting.state, liquidation))
  return leg === undefined ? flatStep(setting, liquidation) : openStep(setting, liquidation, leg)
}

function cancelStep({ settings }: Setting, liquidation: Liquidation): Step {
  return liquidation.cancellations >= settings.cancellationsMax
    ? { do: 'halt', reason: 'orders_not_cancelled' }
    : { do: 'cancel', reasons: [] }
}

/** Nothing left to close: what is reserved beyond the debt goes back, the debt is paid, then the fee as far as there is money. */
function flatStep({ state }: Setting, liquidation: Liquidation): Step {
  const debt = Decimal.max(ZERO, liquidation.statement.walletBalance.neg())
  const reserved = reservedFor(liquidation)
  if (reserved.gt(debt)) return { do: 'release', needed: debt }
  if (debt.gt(0)) return debtStep(state, liquidation, { debt, reserved })
  const movement = owedBack(liquidation)
  return movement === undefined ? finishStep(liquidation, 'closed') : { do: 'move_fund', movement }
}

/** One payment of the pool for the whole debt, as far as it has the money; the winners bear the rest. */
function debtStep(
  state: State,
  liquidation: Liquidation,
  { debt, reserved }: { readonly debt: Decimal; readonly reserved: Decimal },
): Step {
  const pool = liquidation.pool ?? poolOf(state, liquidation.statement.currency)
  const isPoolNext = pool !== null && reserved.lt(debt) && !liquidation.lossShareDue
  const reservation = isPoolNext ? reservationForDebt(state, liquidation, pool) : undefined
  if (reservation !== undefined) return { do: 'reserve', reservation }
  const [movement] = [...liquidation.reserved]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => ({ pool: name, amount }))
  return movement === undefined ? { do: 'share_loss', amount: debt } : { do: 'move_fund', movement }
}

/** Before the end the fee is charged, and waited for. */
function finishStep(liquidation: Liquidation, outcome: LiquidationOutcome): Step {
  const fee = feeDue(liquidation)
  return fee === undefined ? { do: 'complete', outcome } : { do: 'charge', fee }
}

function openStep(setting: Setting, liquidation: Liquidation, leg: Leg): Step {
  if (!closesAll(liquidation) && isRestored(liquidation)) return finishStep(liquidation, 'restored')
  const { policy, reserved } = liquidation
  const isUnfilled = liquidation.unfilledSlices >= policy.unfilledSlicesMax
  const cover = coverOf(liquidation)
  const canPay = isAboveZero(cover) && !isUnfilled
  if (canPay && reserved.size === 0) return sliceStep(setting, liquidation, leg)
  const need = missingCover(setting.state, liquidation)
  if (isAboveZero(need)) return deficitStep(setting, liquidation, { need, leg, canPay })
  return isUnfilled ? unfilledStep(liquidation, leg) : sliceStep(setting, liquidation, leg)
}

function sliceStep(setting: Setting, liquidation: Liquidation, leg: Leg): Step {
  const { now } = setting
  const { lastSliceAt, policy } = liquidation
  if (lastSliceAt !== null && now < lastSliceAt + policy.cooldownMs) return WAIT
  const plan = planSlice(setting, liquidation, leg)
  if (plan === 'no_liquidity') return { do: 'wait', reasons: [plan], book: sideOf(leg) }
  if (plan === 'no_room') return { do: 'wait', reasons: [], book: sideOf(leg) }
  return plan === 'out_of_reach' ? { do: 'pass' } : { do: 'slice', plan }
}

/**
 * What stands behind the rest does not cover closing it with the expected slippage. The pool sets more aside; as long as that
 * leaves a price to look for, slices go on; then deleveraging, then the loss is shared.
 */
function deficitStep(
  setting: Setting,
  liquidation: Liquidation,
  { need, leg, canPay }: { need: Decimal; leg: Leg; canPay: boolean },
): Step {
  const { lossShareDue } = liquidation
  if (lossShareDue && !canPay) return { do: 'share_loss', amount: need }
  const reservation = lossShareDue
    ? undefined
    : reservationFor(setting.state, liquidation, leg.instrument.pool)
  if (reservation !== undefined) return { do: 'reserve', reservation }
  if (canPay) return sliceStep(setting, liquidation, leg)
  const cause = coverOf(liquidation).lte(0) ? 'deficit' : 'unfilled'
  return { do: 'gather', leg, cause }
}

/** Slices find nobody although there is money for it: first the bound is widened to all of it, then others are asked. */
function unfilledStep(liquidation: Liquidation, leg: Leg): Step {
  if (!liquidation.wholeEquity) return { do: 'widen' }
  return liquidation.lossShareDue ? { do: 'start_over' } : { do: 'gather', leg, cause: 'unfilled' }
}

/** The candidates are here: is deleveraging still due? A deposit may have come in the meantime. */
function gatheredStep(setting: Setting, liquidation: Liquidation): Step {
  const { stage } = liquidation
  if (stage.name !== 'gathering' || !isBelievable(setting, liquidation)) return WAIT
  const isHealed = stage.round.cause === 'deficit' && coverOf(liquidation).gt(0)
  return { do: isHealed ? 'abandon_deleveraging' : 'deleverage' }
}

function deleveragingStep(setting: Setting, liquidation: Liquidation): Step {
  const { stage } = liquidation
  if (stage.name !== 'deleveraging') return WAIT
  const waits = openPairs(liquidation).length > 0
  const isPlaceable = stage.openLots > 0 && stage.ranked.length > 0
  if (!isPlaceable) return waits ? WAIT : endStep(setting, liquidation)
  if (!isBelievable(setting, liquidation)) return WAIT
  if (lotsToPlace(liquidation, stage) > 0) return { do: 'order_pairs' }
  return waits ? WAIT : { do: 'end_deleveraging', openLots: 0 }
}

function endStep(setting: Setting, liquidation: Liquidation): Step {
  const { stage } = liquidation
  if (stage.name !== 'deleveraging' || !isBelievable(setting, liquidation)) return WAIT
  return { do: 'end_deleveraging', openLots: lotsToPlace(liquidation, stage) }
}

/** The statement contains all that is known, at prices that still hold. */
function isBelievable(setting: Setting, liquidation: Liquidation): boolean {
  return containsAllKnown(liquidation) && isCurrent(setting, liquidation)
}
