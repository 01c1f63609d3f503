import { encodeEvent } from '@sluice/contracts/codec'
import type {
  KillSwitchEngaged,
  PriceSourceExcluded,
  PriceSourceRestored,
  ScopeTrusted,
  SluiceEvent,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '../src/definition.ts'
import type { StreamLog } from '../src/log.ts'
import type { Processor } from '../src/processor.ts'

/** What the counting processor remembers: lots traded, refused keys, and when it last spoke. */
export interface Counting {
  lots: number
  trades: number
  refusedKeys: string[]
  nextTickAt: number | null
}

type Input = TradePrinted | KillSwitchEngaged
type Output = PriceSourceRestored | PriceSourceExcluded

const TICK_EVERY_MS = 1000

/**
 * A small processor over real schemas: every third trade is an event; a kill switch whose reason is a number gives that many events;
 * a trade of 13 lots is refused; one of 666 lots is a bug.
 */
export const countingProcessor: Processor<Counting, Input, Output> = {
  service: 'price',
  logicVersion: 1,
  settings: 'every=3',
  handlers: {
    TradePrinted(state, trade, turn) {
      if (trade.quantityLots === 13) {
        turn.refuse('quantity_unlucky', 'thirteen lots')
        return
      }
      if (trade.quantityLots === 666) throw new RangeError('a bug in a handler')
      state.lots += trade.quantityLots
      state.trades += 1
      state.nextTickAt ??= turn.now + TICK_EVERY_MS
      if (state.trades % 3 === 0)
        turn.emit({
          type: 'PriceSourceRestored',
          instrument: trade.instrument,
          source: `lots ${state.lots}`,
        })
    },
    KillSwitchEngaged(state, order, turn) {
      for (let number = 0; number < Number(order.reason); number += 1)
        turn.emit({
          type: 'PriceSourceRestored',
          instrument: turn.nextEventId(),
          source: `${state.lots}`,
        })
    },
  },
  initialState: () => ({ lots: 0, trades: 0, refusedKeys: [], nextTickAt: null }),
  nextDeadline: state => state.nextTickAt,
  onTick(state, turn) {
    state.nextTickAt = null
    turn.emit({
      type: 'PriceSourceExcluded',
      instrument: 'tick',
      source: turn.inputId,
      reason: 'stale',
      priceTicks: null,
      medianTicks: null,
    })
  },
  onRefusedRecord(state, record) {
    if (record.key !== null) state.refusedKeys.push(record.key)
  },
  snapshot: state => Buffer.from(JSON.stringify(state)),
  restore: bytes => JSON.parse(Buffer.from(bytes).toString()) as Counting,
}

export interface Echoing {
  heard: number
}

/** Reads the counting processor's topic and answers every event with one of its own. */
export const echoProcessor: Processor<Echoing, PriceSourceRestored, ScopeTrusted> = {
  service: 'margin-evaluation',
  logicVersion: 1,
  settings: '',
  handlers: {
    PriceSourceRestored(state, event, turn) {
      state.heard += 1
      turn.emit({ type: 'ScopeTrusted', scope: event.source, ledgerSequence: state.heard })
    },
  },
  initialState: () => ({ heard: 0 }),
  nextDeadline: () => null,
  onTick: () => undefined,
  onRefusedRecord: () => undefined,
  snapshot: state => Buffer.from(JSON.stringify(state)),
  restore: bytes => JSON.parse(Buffer.from(bytes).toString()) as Echoing,
}

export const MARKET_DATA = { topic: 'market-data', partition: 0 }
export const OPERATIONS = { topic: 'operations', partition: 0 }
export const PRICE = { topic: 'price', partition: 0 }

export const counting = (log: StreamLog): TaskDefinition<Counting, Input, Output> => ({
  processor: countingProcessor,
  partition: 0,
  log,
  inputs: [
    { ...OPERATIONS, ours: false },
    { ...MARKET_DATA, ours: false },
  ],
})

export const echoing = (
  log: StreamLog,
): TaskDefinition<Echoing, PriceSourceRestored, ScopeTrusted> => ({
  processor: echoProcessor,
  partition: 0,
  log,
  inputs: [{ ...PRICE, ours: true }],
})

export const trade = (quantityLots: number): SluiceEvent => ({
  type: 'TradePrinted',
  instrument: 'BTC-PERP',
  priceTicks: 1000,
  quantityLots,
  aggressor: 'buy',
})

export const burst = (events: number): SluiceEvent => ({
  type: 'KillSwitchEngaged',
  actor: 'tester',
  reason: String(events),
  approver: null,
  expiresAt: null,
})

export const record = (event: SluiceEvent, key: string | null = 'BTC-PERP') => ({
  key: key === null ? null : Buffer.from(key),
  value: encodeEvent(event),
})

export async function appendTrades(log: StreamLog, lots: readonly number[]): Promise<void> {
  for (const quantity of lots) await log.append(MARKET_DATA, [record(trade(quantity))])
}
