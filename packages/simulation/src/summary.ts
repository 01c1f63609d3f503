import { eventsOf } from '@sluice/audit/log-events'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { ZERO, type Decimal } from '@sluice/domain/decimal'
import type { StreamLog } from '@sluice/stream-runtime/log'

/** What came of a simulation, in the terms of its liquidations. Money is text, so that nothing of it is rounded. */
export interface SimulationSummary {
  readonly stateHash: string
  readonly accounts: number
  readonly liquidations: number
  /** Ended with a position left that is safe again. */
  readonly partial: number
  /** Ended with nothing left. */
  readonly full: number
  /** Traded in the book by liquidation orders [settlement currency]. */
  readonly forcedNotional: string
  /** Paid by insurance pools, less what came back and without fees. */
  readonly fundDraw: string
  readonly adlNotional: string
  readonly sharedLoss: string
  /** The auditor found every account, pool and position in balance after every step. */
  readonly moneyConserved: boolean
  /** Events in the log, the exchange's and ours. */
  readonly events: number
  readonly seconds: number
}

type LiquidationCounts = Pick<
  SimulationSummary,
  'liquidations' | 'partial' | 'full' | 'forcedNotional' | 'fundDraw' | 'adlNotional' | 'sharedLoss'
>

/** Adds up the liquidations of a run from the executor's events. */
class LiquidationCounter {
  #liquidations = 0
  #partial = 0
  #full = 0
  #forced: Decimal = ZERO
  #adl: Decimal = ZERO
  #fund: Decimal = ZERO
  #shared: Decimal = ZERO

  add(event: SluiceEvent): void {
    if (event.type === 'LiquidationStarted') this.#liquidations += 1
    if (event.type === 'PositionReduced') {
      if (event.mechanism === 'order') this.#forced = this.#forced.plus(event.notional)
      else this.#adl = this.#adl.plus(event.notional)
    }
    if (event.type !== 'LiquidationCompleted') return
    if (event.outcome === 'restored') this.#partial += 1
    if (event.outcome === 'closed') this.#full += 1
    this.#fund = this.#fund.plus(event.fundDraw)
    this.#shared = this.#shared.plus(event.sharedLoss)
  }

  counts(): LiquidationCounts {
    return {
      liquidations: this.#liquidations,
      partial: this.#partial,
      full: this.#full,
      forcedNotional: this.#forced.toFixed(2),
      fundDraw: this.#fund.toFixed(2),
      adlNotional: this.#adl.toFixed(2),
      sharedLoss: this.#shared.toFixed(2),
    }
  }
}

/** What the log says of its liquidations, and the notional of its largest cascade [settlement currency]. */
export async function summarise(
  log: StreamLog,
): Promise<{ counts: LiquidationCounts; largestCascade: number }> {
  const counter = new LiquidationCounter()
  for await (const { event } of eventsOf(log, 'liquidation-execution', 0)) counter.add(event)
  let largestCascade = 0
  for await (const { event } of eventsOf(log, 'cascade-analytics', 0)) {
    if (event.type === 'CascadeClosed')
      largestCascade = Math.max(largestCascade, event.notional.toNumber())
  }
  return { counts: counter.counts(), largestCascade }
}
