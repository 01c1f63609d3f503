import { Decimal } from '@sluice/domain/decimal'
import type {
  DeleveragingOrdered,
  FundMovementRequested,
  LiquidationFeeRequested,
  LiquidationOrderPlaced,
  LossShareRequested,
  Meta,
  OrderCancellationRequested,
} from '@sluice/contracts/generated/events'
import { builtInInstruments } from '../src/instruments.ts'
import { Ledger, participant } from '../src/ledger.ts'
import { Market } from '../src/market.ts'
import { unitsOf } from '../src/money.ts'
import { Venue } from '../src/venue.ts'

export const SCOPE = 'anna'
export const OTHER = 'bert'
export const POOL = 'usd-majors'
export const INSTRUMENT = 'BTC-PERP'
const START = 1_000_000

/** Requests with consecutive numbers, as one executor would write them. */
export class Requests {
  #sequence = 0

  order(over: Partial<LiquidationOrderPlaced> = {}): LiquidationOrderPlaced {
    const meta = this.#meta()
    const zero = new Decimal(0)
    return {
      type: 'LiquidationOrderPlaced',
      meta,
      liquidationId: 'margin-evaluation-0/1',
      scope: SCOPE,
      clientOrderId: `liquidation-execution-0/${meta.sequence}`,
      instrument: INSTRUMENT,
      side: 'sell',
      quantityLots: 100,
      limitTicks: 500_000,
      slice: 1,
      statementId: 'margin-evaluation-0/1',
      sizing: {
        equity: zero,
        maintenanceMargin: zero,
        markTicks: 612_500,
        maintenanceRate: zero,
        restoreBuffer: zero,
        expectedSlippage: zero,
        feeRate: zero,
        restoreLots: 100,
        bookLots: 1000,
        spokenLots: 0,
        bookFraction: zero,
        bankruptcyTicks: 500_000,
        fundAllowance: zero,
      },
      ...over,
    }
  }

  cancellation(scope = SCOPE): OrderCancellationRequested {
    return { type: 'OrderCancellationRequested', scope, ...this.#asked() }
  }

  fee(amount: string, over: Partial<LiquidationFeeRequested> = {}): LiquidationFeeRequested {
    const money = { pool: POOL, currency: 'USD', amount: new Decimal(amount) }
    return {
      type: 'LiquidationFeeRequested',
      scope: SCOPE,
      notional: new Decimal(1_000),
      feeRate: new Decimal('0.001'),
      ...money,
      ...this.#asked(),
      ...over,
    }
  }

  fund(amount: string, over: Partial<FundMovementRequested> = {}): FundMovementRequested {
    const money = { pool: POOL, currency: 'USD', amount: new Decimal(amount) }
    return { type: 'FundMovementRequested', scope: SCOPE, ...money, ...this.#asked(), ...over }
  }

  loss(amount: string): LossShareRequested {
    const money = { currency: 'USD', amount: new Decimal(amount) }
    return { type: 'LossShareRequested', scope: SCOPE, ...money, ...this.#asked() }
  }

  deleveraging(over: Partial<DeleveragingOrdered> = {}): DeleveragingOrdered {
    return {
      type: 'DeleveragingOrdered',
      scope: SCOPE,
      counterparty: OTHER,
      instrument: INSTRUMENT,
      side: 'sell',
      quantityLots: 40,
      priceTicks: 600_000,
      rank: 1,
      score: 1,
      ...this.#asked(),
      ...over,
    }
  }

  #asked(): { meta: Meta; liquidationId: string; requestId: string } {
    const meta = this.#meta()
    const requestId = `liquidation-execution-0/${meta.sequence}`
    return { meta, liquidationId: 'margin-evaluation-0/1', requestId }
  }

  #meta(): Meta {
    this.#sequence += 1
    return { sequence: this.#sequence, causeIds: [], time: START, logicVersion: 1 }
  }
}

/**
 * A venue with one instrument at 612,500 ticks: anna long 100 lots with 100 in her wallet, bert short 60 lots in profit at 600,000,
 * the house for the rest, and a pool with 1,000.
 */
export function smallVenue(): Venue {
  const instruments = builtInInstruments(1)
  const ledger = new Ledger(instruments)
  ledger.openPool(POOL, unitsOf(new Decimal(1000)))
  for (const [account, lots] of [
    [SCOPE, 100],
    [OTHER, -60],
  ] as const) {
    const scope = participant({ account, isolatedInstrument: null })
    ledger.openScope(scope, unitsOf(new Decimal(100)))
    const [buyer, seller] = lots > 0 ? [scope, ledger.house] : [ledger.house, scope]
    ledger.trade({ instrument: 0, buyer, seller, lots: Math.abs(lots), priceTicks: 612_500 })
  }
  ledger.takeChanged()
  const markets = instruments.map(spec => new Market(spec, 1_000_000))
  return new Venue(ledger, markets, START)
}
