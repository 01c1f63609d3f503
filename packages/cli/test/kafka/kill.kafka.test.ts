import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Random } from '@sluice/exchange-simulator/random'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { auditPipeline } from '@sluice/testkit/kafka-audit'
import { withPipeline, type KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'

const KILLS = isLong() ? 30 : 5
const ACCOUNTS = isLong() ? 200 : 100
/** The crash lasts as long as the kills need. */
const SPEED = isLong() ? 3 : 20
const TIMEOUT_MS = isLong() ? 1_200_000 : 480_000
const GROWING = ['market-data', 'price', 'margin-evaluation', 'liquidation-execution'] as const
const RECORDS_MAX = 60
const DELAY_MAX_MS = 300
const GROWTH_WITHIN_MS = 60_000
const CALM_WITHIN_MS = TIMEOUT_MS / 2

describeWithKafka('services that are killed with kill -9', kafka => {
  test(
    `lose nothing and do nothing twice, after ${KILLS} kills in a crash`,
    async () => {
      const seed = sampleSeed()
      const random = new Random(seed, 'kills')
      const options = {
        brokers: kafka().brokers,
        namespace: freshNamespace(),
        evaluators: 2,
        snapshotEvery: 1000,
        processes: [
          ['price'],
          ['margin-evaluation'],
          ['margin-evaluation'],
          ['liquidation-execution'],
          ['cascade-analytics'],
        ],
        simulator: {
          scenario: 'flash-crash',
          accounts: ACCOUNTS,
          seed: 1,
          speed: SPEED,
          steps: 840,
        },
      } as const
      const audit = await withPipeline(options, async pipeline => {
        await pipeline.untilReady()
        const isCrashing = async () => (await pipeline.liquidations.look()).orders > 0
        await pipeline.until('orders are placed', isCrashing, CALM_WITHIN_MS)
        const victims: string[] = []
        for (let kill = 0; kill < KILLS; kill += 1) victims.push(await killOne(pipeline, random))
        process.stdout.write(`seed ${seed}, killed: ${victims.join(', ')}\n`)
        await pipeline.untilCalm(CALM_WITHIN_MS)
        await stopCleanly(pipeline)
        return auditPipeline(pipeline)
      })
      expect(audit.faults).toEqual([])
      expect(audit.liquidations.started).toBeGreaterThan(0)
      expect(audit.ordersAccepted).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})

/** At an instant that hangs on how far a seeded topic has got, and some milliseconds more; another process takes its place. */
async function killOne(pipeline: KafkaPipeline, random: Random): Promise<string> {
  const topic = GROWING[random.below(GROWING.length)]!
  const wanted = (await pipeline.recordsOf(topic)) + 1 + random.below(RECORDS_MAX)
  const hasGrown = async () => (await pipeline.recordsOf(topic)) >= wanted
  await pipeline.until(`${topic} holds ${wanted} records`, hasGrown, GROWTH_WITHIN_MS)
  await delay(random.below(DELAY_MAX_MS))
  const victim = pipeline.processes[random.below(pipeline.processes.length)]!
  await victim.kill()
  victim.restart()
  return victim.name
}
