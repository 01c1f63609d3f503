import type { Context } from './context.ts'
import {
  beginDeleveraging,
  endDeleveraging,
  orderPairs,
  requestCandidates,
} from './deleveraging.ts'
import { requestFee, requestMovement } from './fund.ts'
import { avert, complete, halt } from './life.ts'
import { requestLossShare } from './loss-share.ts'
import { becomeReady, requestCancellation } from './orders.ts'
import { announcePauses } from './pauses.ts'
import { releaseBeyond, reserve } from './reservation.ts'
import { schedule } from './timeouts.ts'
import { passSlice, placeSlice } from './slice.ts'
import { awaitBook } from './room.ts'
import { containsAllKnown } from './state.ts'
import type { Liquidation } from './state.ts'
import { nextStep } from './waterfall.ts'
import type { Step } from './waterfall.ts'

/** Goes on as far as it can: decides a step, does it, until it has to wait for somebody or is over. */
export function proceed(context: Context, liquidation: Liquidation | undefined): void {
  const { state, settings, turn } = context
  if (liquidation === undefined || isOver(liquidation)) return
  const setting = { state, settings, now: turn.now }
  for (;;) {
    if (liquidation.stage.name === 'ready' && containsAllKnown(liquidation)) {
      liquidation.noAnswer = false
    }
    const step = nextStep(setting, liquidation)
    announcePauses(context, liquidation, 'reasons' in step ? step.reasons : [])
    awaitBook(state, liquidation, step.do === 'wait' ? (step.book ?? null) : null)
    if (step.do === 'wait') break
    perform(context, liquidation, step)
    if (isOver(liquidation)) return
  }
  schedule(state, liquidation, turn.now)
}

function isOver({ stage }: Liquidation): boolean {
  return stage.name === 'over'
}

type Performers = {
  readonly [Name in Exclude<Step['do'], 'wait'>]: (
    context: Context,
    liquidation: Liquidation,
    step: Extract<Step, { readonly do: Name }>,
  ) => void
}

const PERFORM: Performers = {
  avert: (context, liquidation) => avert(context, liquidation, 'recovered'),
  cancel: requestCancellation,
  slice: (context, liquidation, { plan }) => placeSlice(context, liquidation, plan),
  pass: ({ turn }, liquidation) => passSlice(liquidation, turn.now),
  widen: (_context, liquidation) => widen(liquidation, true),
  reserve: (context, liquidation, { reservation }) => reserve(context, liquidation, reservation),
  release: (context, liquidation, { needed }) => releaseBeyond(context, liquidation, needed),
  charge: (context, liquidation, { fee }) => requestFee(context, liquidation, fee),
  move_fund: (context, liquidation, { movement }) =>
    requestMovement(context, liquidation, movement),
  gather: requestCandidates,
  deleverage: ({ state }, liquidation) => {
    if (liquidation.stage.name === 'gathering') {
      beginDeleveraging(state, liquidation, liquidation.stage)
    }
  },
  abandon_deleveraging: (_context, liquidation) => becomeReady(liquidation),
  order_pairs: (context, liquidation) => {
    if (liquidation.stage.name === 'deleveraging') {
      orderPairs(context, liquidation, liquidation.stage)
    }
  },
  end_deleveraging: (_context, liquidation, { openLots }) => endDeleveraging(liquidation, openLots),
  start_over: (_context, liquidation) => widen(liquidation, false),
  share_loss: (context, liquidation, { amount }) => requestLossShare(context, liquidation, amount),
  complete: (context, liquidation, { outcome }) => complete(context, liquidation, outcome),
  halt: (context, liquidation, { reason }) => halt(context, liquidation, reason),
}

function perform(context: Context, liquidation: Liquidation, step: Step): void {
  if (step.do === 'wait') return
  const performStep: (context: Context, liquidation: Liquidation, step: never) => void =
    PERFORM[step.do]
  performStep(context, liquidation, step as never)
}

/** Slices begin anew, bounded by the whole equity of the scope or by the position's share of it. */
function widen(liquidation: Liquidation, wholeEquity: boolean): void {
  liquidation.wholeEquity = wholeEquity
  liquidation.unfilledSlices = 0
  liquidation.lossShareDue = false
}
