import { encodeEvent } from '@sluice/contracts/codec'
import type {
  KillSwitchEngaged,
  PriceSourceRestored,
  SluiceEvent,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import { inputsOf } from '../src/layout.ts'
import { serviceOf, type Service } from '../src/service.ts'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { Processor } from '@sluice/stream-runtime/processor'

interface Counting {
  lots: number
  trades: number
}

type Input = TradePrinted | KillSwitchEngaged

/** A small processor over real schemas: every third trade is an event that says how many lots were traded so far. */
export function countingProcessor(
  onRestore: () => void = () => undefined,
): Processor<Counting, Input, PriceSourceRestored> {
  return {
    service: 'price',
    logicVersion: 1,
    settings: 'every=3',
    handlers: {
      TradePrinted(state, { instrument, quantityLots }, turn) {
        state.lots += quantityLots
        state.trades += 1
        if (state.trades % 3 !== 0) return
        turn.emit({ type: 'PriceSourceRestored', instrument, source: `lots ${state.lots}` })
      },
      KillSwitchEngaged: () => undefined,
    },
    initialState: () => ({ lots: 0, trades: 0 }),
    nextDeadline: () => null,
    onTick: () => undefined,
    onRefusedRecord: () => undefined,
    snapshot: state => Buffer.from(JSON.stringify(state)),
    restore: bytes => {
      onRestore()
      return JSON.parse(Buffer.from(bytes).toString()) as Counting
    },
  }
}

export const countingService = (onRestore?: () => void): Service =>
  serviceOf({
    name: 'price',
    inputs: layout => [...inputsOf(layout, 'operations'), ...inputsOf(layout, 'market-data')],
    processor: () => countingProcessor(onRestore),
  })

/** Its one task, as a reader of the log replays it. */
export const countingTask = (
  log: StreamLog,
): TaskDefinition<Counting, Input, PriceSourceRestored> => ({
  processor: countingProcessor(),
  partition: 0,
  inputs: [
    ...inputsOf({ evaluators: 1 }, 'operations'),
    ...inputsOf({ evaluators: 1 }, 'market-data'),
  ],
  log,
})

const recordOf = (event: SluiceEvent) => ({ key: null, value: encodeEvent(event) })

/** Trades of one lot each, in one append. */
export async function appendTrades(log: StreamLog, count: number): Promise<void> {
  const trade = recordOf({
    type: 'TradePrinted',
    instrument: 'BTC-PERP',
    priceTicks: 1,
    quantityLots: 1,
    aggressor: 'buy',
  })
  await log.append(
    { topic: 'market-data', partition: 0 },
    Array.from({ length: count }, () => trade),
  )
}

export async function engageKillSwitch(log: StreamLog): Promise<void> {
  const order = recordOf({
    type: 'KillSwitchEngaged',
    actor: 'operator',
    reason: 'a test',
    approver: null,
    expiresAt: null,
  })
  await log.append({ topic: 'operations', partition: 0 }, [order])
}
