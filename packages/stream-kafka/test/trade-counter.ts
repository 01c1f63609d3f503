import { decodeEvent, encodeEvent, isReceipt } from '@sluice/contracts/codec'
import type {
  PriceSourceRestored,
  SluiceEvent,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import { openInput } from '@sluice/stream-runtime/inputs'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import type { Processor } from '@sluice/stream-runtime/processor'
import { openReceipt } from '@sluice/stream-runtime/receipt'

interface Counted {
  trades: number
}

/** Answers every trade with an event that says which it was. */
const tradeCounter: Processor<Counted, TradePrinted, PriceSourceRestored> = {
  service: 'price',
  logicVersion: 1,
  settings: '',
  handlers: {
    TradePrinted(state, { instrument }, turn) {
      state.trades += 1
      turn.emit({ type: 'PriceSourceRestored', instrument, source: `trade ${state.trades}` })
    },
  },
  initialState: () => ({ trades: 0 }),
  nextDeadline: () => null,
  onTick: () => undefined,
  onRefusedRecord: () => undefined,
  snapshot: state => Buffer.from(JSON.stringify(state)),
  restore: bytes => JSON.parse(Buffer.from(bytes).toString()) as Counted,
}

export const MARKET_DATA: PartitionId = { topic: 'market-data', partition: 0 }
export const PRICE: PartitionId = { topic: 'price', partition: 0 }

export const countingTrades = (
  log: StreamLog,
): TaskDefinition<Counted, TradePrinted, PriceSourceRestored> => ({
  processor: tradeCounter,
  partition: 0,
  log,
  inputs: [{ ...MARKET_DATA, ours: false }],
})

const TRADE: TradePrinted = {
  type: 'TradePrinted',
  instrument: 'BTC-PERP',
  priceTicks: 1000,
  quantityLots: 1,
  aggressor: 'buy',
}

export const appendTrade = (log: StreamLog): Promise<number> =>
  log.append(MARKET_DATA, [{ key: Buffer.from('BTC-PERP'), value: encodeEvent(TRADE) }])

/** Events of valid receipts, as every reader of the topic takes them. */
export async function validEvents(log: StreamLog): Promise<SluiceEvent[]> {
  const reader = openInput(log, { ...PRICE, ours: true })
  const events: SluiceEvent[] = []
  while (await reader.fill(1000)) {
    for (let next = reader.next(); next !== undefined; next = reader.next())
      events.push(decodeEvent(next.value))
  }
  return events
}

/** How often each receipt lies in the log, by its sequence. */
export async function copiesBySequence(log: StreamLog): Promise<Map<number, number>> {
  const copies = new Map<number, number>()
  let offset = 0
  for (;;) {
    const records = await log.read(PRICE, offset, 1000)
    if (records.length === 0) return copies
    offset += records.length
    for (const { value } of records.filter(({ value }) => isReceipt(value))) {
      const { sequence } = openReceipt(value).receipt
      copies.set(sequence, (copies.get(sequence) ?? 0) + 1)
    }
  }
}
