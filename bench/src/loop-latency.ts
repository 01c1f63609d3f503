import type { AccountUpdated } from '@sluice/contracts/generated/events'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import type { ConfirmedBatch } from '@sluice/stream-runtime/task'
import { marketOf, type LoopMarket } from './loop-market.ts'
import { LoopVenue } from './loop-venue.ts'
import { openLoopWorld, type LoopWorld } from './loop-world.ts'

const ACCOUNTS = 100
const DEPOSIT = 1_000_000_000
const SECOND_MS = 1000
/** Event time of one sample: longer than a policy's cool-down, so that the book of the next one is whole again. */
const SECONDS_PER_SAMPLE = 4
/** About what a batch of one trigger takes. */
const BATCH_BYTES = 1024
/** A trigger that takes this long does not come. */
const PATIENCE_MS = 5000

/** One trigger after the other while the tasks run by themselves, each liquidation seen through to its end before the next. */
export interface LatencyBench {
  /** From the first durable mark price of the fall to the durable order [ms]. */
  sample(number: number): Promise<number>
  /** A durable commit with nothing else going on [ms]. */
  commit(): Promise<number>
  close(): Promise<void>
}

export async function openLatencyBench(): Promise<LatencyBench> {
  const watch = new Watch()
  const world = await openLoopWorld({
    accounts: ACCOUNTS,
    onConfirmed: batch => watch.onConfirmed(batch),
  })
  await world.append(world.accounts.map(enriched))
  world.run()
  const market = marketOf(world)
  const venue = new LoopVenue(market.tickValue)
  return {
    sample: number => sample(number, { world, market, venue, watch }),
    commit: () => commit(world),
    close: () => world.close(),
  }
}

/** Whoever is not the victim can afford the fall. */
export function enriched(account: AccountUpdated): VenueRecord {
  const { ledgerSequence, walletBalance } = account
  const event = {
    ...account,
    ledgerSequence: ledgerSequence + 1,
    walletBalance: walletBalance.plus(DEPOSIT),
  }
  return { topic: 'accounts', key: account.account, event }
}

interface Parts {
  readonly world: LoopWorld
  readonly market: LoopMarket
  readonly venue: LoopVenue
  readonly watch: Watch
}

async function sample(number: number, { world, market, venue, watch }: Parts): Promise<number> {
  const { highTicks, lowTicks } = market
  const victim = market.victim(number)
  let time = world.simulator.startTime + number * SECONDS_PER_SAMPLE * SECOND_MS
  const calm = async (records: readonly VenueRecord[]) => {
    time += SECOND_MS
    world.setTime(time)
    await world.append([...market.quotes(highTicks, time), ...market.others(time), ...records])
    await world.settle()
  }
  await calm([])
  await calm(venue.set(victim))
  await calm([])

  const ordered = watch.start(`sample ${number}`)
  time += SECOND_MS
  world.setTime(time)
  await world.append(market.quotes(lowTicks, time))
  const latency = await ordered
  await world.settle()

  for (let event = watch.requests.shift(); event !== undefined; event = watch.requests.shift()) {
    await world.append(venue.answer(event, lowTicks))
    await world.settle()
  }
  await world.append(venue.close(victim.account))
  await world.settle()
  return latency
}

async function commit({ log }: LoopWorld): Promise<number> {
  const before = performance.now()
  const record = { key: null, value: Buffer.alloc(BATCH_BYTES) }
  await log.append({ topic: 'bench', partition: 0 }, [record])
  return performance.now() - before
}

/** Sees what is confirmed, and when. */
class Watch {
  /** What the executor has asked for and is not answered yet. */
  readonly requests: ConfirmedBatch['events'][number][] = []
  #markedAt: number | undefined
  #ordered: ((latency: number) => void) | undefined

  /** Resolves with the time from the next mark price to the next order. */
  start(name: string): Promise<number> {
    this.#markedAt = undefined
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new RangeError(`${name} triggered nothing`))
      }, PATIENCE_MS)
      this.#ordered = latency => {
        clearTimeout(patience)
        resolve(latency)
      }
    })
  }

  onConfirmed({ events }: ConfirmedBatch): void {
    const now = performance.now()
    for (const event of events) {
      if (event.type === 'MarkPriceUpdated') this.#markedAt ??= now
      if (event.type === 'LiquidationOrderPlaced') this.#onOrder(now)
      if (event.type === 'LiquidationOrderPlaced' || event.type === 'LiquidationFeeRequested')
        this.requests.push(event)
    }
  }

  #onOrder(now: number): void {
    this.#ordered?.(now - (this.#markedAt ?? NaN))
    this.#ordered = undefined
  }
}
