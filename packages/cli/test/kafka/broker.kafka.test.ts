import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { startBroker, type LocalBroker } from '@sluice/local-stack/start-broker'
import { SERVICES } from '@sluice/pipeline/services'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import { describeWithJars, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { auditPipeline } from '@sluice/testkit/kafka-audit'
import { withPipeline, type KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { Memory } from './memory.ts'
import { chainsOf, slowestAt } from './takeovers.ts'

const OUT_MS = isLong() ? 60_000 : 15_000
const KILLS = isLong() ? 6 : 1
const TIMEOUT_MS = isLong() ? 1_800_000 : 360_000
const WITHIN_MS = TIMEOUT_MS / 2
/** What a process may hold more at its worst than before any harm was done: the buffers of its handles, and what Node collects late. */
const GROWTH_MAX_BYTES = 400 * 1024 * 1024

interface Deployment {
  readonly broker: LocalBroker
  readonly namespace: string
  readonly pipeline: KafkaPipeline
  readonly memory: Memory
}

/** A crash on a cluster of its own; while it lasts, harm is done. Nothing may be lost, and memory stays bounded. */
async function survive(nodes: 1 | 3, harm: (deployment: Deployment) => Promise<void>) {
  const broker = await startBroker({ nodes, heapMb: nodes === 1 ? 384 : 256 })
  const namespace = freshNamespace()
  const options = {
    brokers: broker.brokers,
    namespace,
    replicas: nodes,
    evaluators: 2,
    snapshotEvery: 1000,
    processes: [SERVICES],
    simulator: { scenario: 'flash-crash', accounts: 200, seed: 1, speed: SPEED, steps: 960 },
  } as const
  try {
    await withPipeline(options, async pipeline => {
      await pipeline.untilReady()
      const isTrading = async () => (await pipeline.liquidations.look()).orders > 0
      await pipeline.until('orders are placed', isTrading, WITHIN_MS)
      const memory = await Memory.of(pipeline.members)
      await harm({ broker, namespace, pipeline, memory })
      await pipeline.untilCalm(WITHIN_MS)
      await memory.look()
      await stopCleanly(pipeline)
      const { faults, liquidations, ordersAccepted } = await auditPipeline(pipeline)
      expect(faults).toEqual([])
      expect(ordersAccepted).toBeGreaterThan(0)
      say(`${liquidations.started} liquidations, ${ordersAccepted} orders; ${memory.text()}`)
      expect(memory.growthBytes).toBeLessThan(GROWTH_MAX_BYTES)
    })
  } finally {
    await broker.stop()
  }
}

const SPEED = isLong() ? 2 : 20

const say = (words: string): void => void process.stdout.write(`${words}\n`)

/** How long after `since` every task has appended something. */
async function recoveryMs({ pipeline, memory }: Deployment, since: number): Promise<number> {
  const hasRecovered = async () => {
    await memory.look()
    return slowestAt(await chainsOf(pipeline)) > since
  }
  await pipeline.until('every task appends again', hasRecovered, WITHIN_MS)
  return slowestAt(await chainsOf(pipeline)) - since
}

async function restart(deployment: Deployment): Promise<void> {
  const downAt = Date.now()
  await deployment.broker.node(0).restart()
  const upAt = Date.now()
  const ms = await recoveryMs(deployment, upAt)
  say(
    `broker restarted, down for ${upAt - downAt} ms: every task appends ${ms} ms after it is back`,
  )
}

async function takeOut(deployment: Deployment): Promise<void> {
  const node = deployment.broker.node(0)
  const downAt = Date.now()
  await node.kill()
  for (let left = OUT_MS; left > 0; left -= 1000) {
    await deployment.memory.look()
    await delay(1000)
  }
  await node.start()
  const upAt = Date.now()
  const ms = await recoveryMs(deployment, upAt)
  say(`broker killed, out for ${upAt - downAt} ms: every task appends ${ms} ms after it is back`)
}

/** kill -9 of whoever leads the topic's only partition; another leads it, and the dead one comes back later. */
async function killLeader(deployment: Deployment, topic: string): Promise<void> {
  const { broker, namespace } = deployment
  const admin = connectKafka({ brokers: broker.brokers, clientId: namespace }).admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: [`${namespace}.${topic}`] })
  await admin.disconnect()
  const leader = topics[0]?.partitions[0]?.leader ?? 0
  const node = broker.node(leader - 1)
  const killedAt = Date.now()
  await node.kill()
  const ms = await recoveryMs(deployment, killedAt)
  say(`leader of ${topic} (node ${leader}) killed: every task appends again after ${ms} ms`)
  await node.start()
}

describeWithJars('the broker', () => {
  test(
    'is restarted, and killed and away for a while, in a crash: nothing is lost, and memory is bounded',
    () =>
      survive(1, async deployment => {
        await restart(deployment)
        await takeOut(deployment)
      }),
    TIMEOUT_MS,
  )

  test(
    'is one of three, and the leader is killed in a crash: nothing is lost',
    () =>
      survive(3, async deployment => {
        const topics = ['liquidation-execution', 'price', 'margin-evaluation', 'market-data']
        for (let kill = 0; kill < KILLS; kill += 1) {
          const at = (sampleSeed() + kill) % topics.length
          await killLeader(deployment, topics[at] ?? 'price')
        }
      }),
    TIMEOUT_MS,
  )
})
