import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Random } from '@sluice/exchange-simulator/random'
import { SERVICES } from '@sluice/pipeline/services'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { auditPipeline } from '@sluice/testkit/kafka-audit'
import { withPipeline, type KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import type { PipelineProcess } from '@sluice/testkit/pipeline-process'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { Confirmations, Contender, until } from './contender.ts'
import { HeldLog } from './held-log.ts'
import { Market } from './market.ts'
import { chainsOf, slowestAt, tenuresOf } from './takeovers.ts'
import { verifyPrice } from './verify-price.ts'

const HELD = isLong() ? 100 : 8
const STOPS = isLong() ? 20 : 2
const SPEED = isLong() ? 3 : 20
const TIMEOUT_MS = isLong() ? 1_800_000 : 300_000
const WITHIN_MS = TIMEOUT_MS / 2
const RECORDS_MAX = 60
const DELAY_MAX_MS = 400
/** A task that reads says so within a second. */
const SPOKEN_AFTER_MS = 1500
const TAKEN_OVER = 'task taken over by another process'

interface Owner {
  readonly contender: Contender
  readonly log: HeldLog
}

/** Stopped in the middle of an append, whose request or answer is still on its way; woken when the next owner has appended. */
async function outlive({ contender, log }: Owner, market: Market, next: () => Promise<Owner>) {
  await until('an append is under way', async () => {
    await market.step()
    return log.isHolding
  })
  const successor = await next()
  successor.contender.start()
  await until('another owner has taken over', () => successor.contender.isOwner)
  const { sequence } = successor.contender
  await until('it has appended', async () => {
    await market.step()
    return successor.contender.sequence > sequence
  })
  log.letGo()
  await until('the zombie is fenced', () => contender.hasLost)
  await contender.stop()
  return successor
}

async function outliveManyTimes(market: Market, seed: number): Promise<void> {
  const random = new Random(seed, 'zombies')
  const confirmations = new Confirmations()
  const open = async (generation: number): Promise<Owner> => {
    const log = new HeldLog(await market.handle())
    return { log, contender: new Contender(log, generation, confirmations) }
  }
  let owner = await open(1)
  owner.contender.start()
  await until('the first owner is there', () => owner.contender.isOwner)
  let lateRequests = 0
  for (let number = 0; number < HELD; number += 1) {
    const way = random.below(4) === 0 ? 'answer' : 'request'
    lateRequests += way === 'request' ? 1 : 0
    for (let step = random.below(4); step > 0; step -= 1) await market.step()
    owner.log.holdNext(way)
    const generation = owner.contender.generation + random.below(2)
    owner = await outlive(owner, market, () => open(generation))
  }
  await owner.contender.stop()
  expect(confirmations.twice()).toEqual([])
  const { receipts, voidReceipts, events } = await verifyPrice(market)
  expect(voidReceipts).toBeGreaterThanOrEqual(lateRequests)
  process.stdout.write(
    `seed ${seed}: ${HELD} zombies woken in mid-append, ${lateRequests} late writes, ${voidReceipts} void; ${receipts} receipts valid, ${events} events, none twice\n`,
  )
}

/** SIGSTOP at an instant that hangs on how far a topic has got; SIGCONT once others have all its tasks. Answers how many those were. */
async function stopOne(pipeline: KafkaPipeline, victim: PipelineProcess, random: Random) {
  const wanted = (await pipeline.recordsOf('price')) + random.below(RECORDS_MAX)
  const hasGrown = async () => (await pipeline.recordsOf('price')) >= wanted
  await pipeline.until('prices go on', hasGrown, WITHIN_MS)
  await delay(random.below(DELAY_MAX_MS))
  const before = tenuresOf(await chainsOf(pipeline))
  const spoken = await victim.timesLogged(TAKEN_OVER)
  victim.signal('SIGSTOP')
  const stoppedAt = Date.now()
  let taken = 0
  const areTaken = async () => {
    const chains = await chainsOf(pipeline)
    taken = tenuresOf(chains) - before
    return taken > 0 && slowestAt(chains) > stoppedAt + SPOKEN_AFTER_MS
  }
  await pipeline.until('every task goes on without it', areTaken, WITHIN_MS)
  victim.signal('SIGCONT')
  const isFenced = async () => (await victim.timesLogged(TAKEN_OVER)) > spoken
  await pipeline.until('the zombie says that it was fenced', isFenced, WITHIN_MS)
  await pipeline.until('it is ready again', () => victim.isReady(), WITHIN_MS)
  return taken
}

async function stopManyTimes(pipeline: KafkaPipeline, seed: number): Promise<void> {
  const random = new Random(seed, 'stops')
  await pipeline.untilReady()
  const isTrading = async () => (await pipeline.liquidations.look()).orders > 0
  await pipeline.until('orders are placed', isTrading, WITHIN_MS)
  const taken: number[] = []
  for (let stop = 0; stop < STOPS; stop += 1) {
    const victim = pipeline.processes[random.below(pipeline.processes.length)]!
    taken.push(await stopOne(pipeline, victim, random))
  }
  await pipeline.untilCalm(WITHIN_MS)
  await stopCleanly(pipeline)
  const { faults, tasks, ordersAccepted } = await auditPipeline(pipeline)
  expect(faults).toEqual([])
  expect(ordersAccepted).toBeGreaterThan(0)
  const voids = tasks.reduce((sum, { voidReceipts }) => sum + voidReceipts, 0)
  process.stdout.write(
    `seed ${seed}: ${STOPS} processes stopped and woken after takeovers of ${taken.join(', ')} tasks, ${voids} late writes void, ${ordersAccepted} orders accepted once\n`,
  )
}

describeWithKafka('an owner that is stopped through a takeover and woken', kafka => {
  test(
    'in the middle of an append: its late write is void, and it stops',
    async () => {
      const seed = sampleSeed()
      const market = await Market.open(kafka().brokers, seed)
      try {
        await outliveManyTimes(market, seed)
      } finally {
        await market.close()
      }
    },
    TIMEOUT_MS,
  )

  test(
    'as a process, in a crash: the exchange acts on nothing twice',
    async () => {
      const seed = sampleSeed()
      const options = {
        brokers: kafka().brokers,
        namespace: freshNamespace(),
        evaluators: 2,
        snapshotEvery: 1000,
        processes: [SERVICES, SERVICES],
        simulator: { scenario: 'flash-crash', accounts: 200, seed: 1, speed: SPEED, steps: 960 },
      } as const
      await withPipeline(options, pipeline => stopManyTimes(pipeline, seed))
    },
    TIMEOUT_MS,
  )
})
