import { TOPICS } from '@sluice/contracts/topics'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { priceService } from '@sluice/price/topology'
import { inputsOf, type Layout } from '@sluice/service-host/layout'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import { openKafkaLog, type KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { applyTopics } from '@sluice/stream-kafka/topics'
import { EventToAppend, type PartitionId } from '@sluice/stream-runtime/log'
import { freshNamespace } from '@sluice/testkit/brokers'

export const LAYOUT: Layout = { evaluators: 1 }
export const PRICE = priceService()
export const PRICE_OUTPUT: PartitionId = { topic: PRICE.name, partition: 0 }
const READ = [...PRICE.inputs(LAYOUT, 0), PRICE_OUTPUT]

const STEPS_MAX = 2400

/** A market on a broker: what an exchange says of prices, as fast as a test wants it, for the task of the price service. */
export class Market {
  readonly #simulator: ExchangeSimulator
  readonly #open: () => Promise<KafkaLog>
  readonly #handles: KafkaLog[] = []
  #own: KafkaLog | undefined
  #steps = 0

  private constructor(seed: number, open: () => Promise<KafkaLog>) {
    const market = { kind: 'scenario', name: 'flash-crash' } as const
    this.#simulator = new ExchangeSimulator({ market, accounts: 2, seed, mode: 'partial' })
    this.#open = open
  }

  /** In a namespace of its own; instruments are listed, and first prices are there. */
  static async open(brokers: readonly string[], seed: number): Promise<Market> {
    const namespace = freshNamespace()
    const names = (topic: string) => `${namespace}.${topic}`
    const client = connectKafka({ brokers, clientId: namespace })
    await applyTopics(client, { names, replicationFactor: 1, minInSyncReplicas: 1 })
    const market = new Market(seed, () => openKafkaLog({ client, names, partitions: READ }))
    await market.#publish(market.#simulator.open())
    return market
  }

  /** A handle of its own on what the price task reads and writes. */
  async handle(): Promise<KafkaLog> {
    const handle = await this.#open()
    this.#handles.push(handle)
    return handle
  }

  /** One more second at the exchange. */
  async step(): Promise<void> {
    this.#steps = Math.min(this.#steps + 1, STEPS_MAX)
    const { startTime, stepMs } = this.#simulator
    await this.#publish(this.#simulator.step(startTime + this.#steps * stepMs, []))
  }

  async close(): Promise<void> {
    await Promise.all(this.#handles.map(handle => handle.close()))
  }

  async #publish(records: readonly VenueRecord[]): Promise<void> {
    this.#own ??= await this.handle()
    for (const { name } of TOPICS) {
      if (!READ.some(({ topic }) => topic === name)) continue
      const of = records.filter(({ topic }) => topic === name)
      const batch = of.map(({ event, key }) => new EventToAppend(event, Buffer.from(key)))
      const [target] = inputsOf(LAYOUT, name)
      if (batch.length > 0 && target !== undefined) await this.#own.append(target, batch)
    }
  }
}
