import type { Decimal } from '@sluice/domain/decimal'
import type {
  AccountsEvent,
  DeleveragingOrdered,
  ExecutionReportsEvent,
  FundMovementRequested,
  LiquidationExecutionEvent,
  LiquidationFeeRequested,
  LiquidationMode,
  LiquidationOrderPlaced,
  LossShareRequested,
  MarketDataEvent,
  OrderCancellationRequested,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import type { PriceSeries } from './bars.ts'
import type { ScenarioName } from './scenarios.ts'

/** What the venue writes: one record of one of the exchange's topics. */
export type VenueRecord =
  | { readonly topic: 'market-data'; readonly key: string; readonly event: MarketDataEvent }
  | { readonly topic: 'reference-data'; readonly key: string; readonly event: ReferenceDataEvent }
  | { readonly topic: 'accounts'; readonly key: string; readonly event: AccountsEvent }
  | {
      readonly topic: 'execution-reports'
      readonly key: string
      readonly event: ExecutionReportsEvent
    }

/** The events of liquidation-execution that ask the venue for something; all others it passes over. */
export type VenueRequest =
  | LiquidationOrderPlaced
  | OrderCancellationRequested
  | LiquidationFeeRequested
  | FundMovementRequested
  | DeleveragingOrdered
  | LossShareRequested

/** What may go wrong with an answer. */
export type FaultName =
  /** The request arrives late and is acted on then */
  | 'late'
  /** Acted on in time, reported late */
  | 'reported_late'
  /** Reported twice, word for word */
  | 'twice'
  /** An order or a deleveraging is executed for half its lots, rounded down */
  | 'partial'
  /** The request is lost: nothing happens, nothing is said */
  | 'silent'

/** The nth request of a kind, from 1, meets a fault. */
export interface VenueFault {
  readonly kind: VenueRequest['type']
  readonly nth: number
  readonly fault: FaultName
  /** For the late ones; MARKET.lateMs unless given */
  readonly delayMs?: number
}

/** Something that happens at the venue at a given time, besides what was asked. */
export type Injection =
  /** Money comes from outside; below zero: it leaves */
  | {
      readonly at: number
      readonly kind: 'deposit'
      readonly scope: string
      readonly amount: Decimal
    }
  /** A funding payment by all holders of an instrument; above zero longs pay */
  | {
      readonly at: number
      readonly kind: 'funding'
      readonly instrument: string
      readonly rate: Decimal
    }
  /** The trader's own order at the market, reduce-only */
  | {
      readonly at: number
      readonly kind: 'traderClose'
      readonly scope: string
      readonly instrument: string
      readonly quantityLots: number
    }
  /** The path of an instrument moves at once by this rate and stays there */
  | {
      readonly at: number
      readonly kind: 'priceShock'
      readonly instrument: string
      readonly rate: number
    }
  /** Trading stops or goes on */
  | { readonly at: number; readonly kind: 'halt' | 'resume'; readonly instrument: string }

/** Where prices come from. */
export type MarketSource =
  | { readonly kind: 'scenario'; readonly name: ScenarioName; readonly instruments?: number }
  | { readonly kind: 'prices'; readonly series: readonly PriceSeries[] }

/** All that decides a simulation, besides the requests it is sent. */
export interface SimulatorOptions {
  readonly market: MarketSource
  readonly accounts: number
  readonly seed: number
  readonly mode: LiquidationMode
  /** Raw account id → id on the topics. Without it raw ids are used, which only a test should. */
  readonly opaqueId?: (rawId: string) => string
  readonly faults?: readonly VenueFault[]
  /** Steps after the start; the whole path unless given */
  readonly steps?: number
}

export type { LiquidationExecutionEvent }
