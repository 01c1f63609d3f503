import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { runSimulation } from '@sluice/simulation/run-simulation'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { copyToEmbedded } from '@sluice/testkit/copy-log'
import { auditPipeline } from '@sluice/testkit/kafka-audit'
import { withPipeline } from '@sluice/testkit/kafka-pipeline'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { verifyDirectory } from '../../src/verify-directory.ts'

const EVALUATORS = 2
const STEPS = 900
const ACCOUNTS = isLong() ? 1000 : 150
const SPEED = isLong() ? 5 : 30
const TIMEOUT_MS = isLong() ? 1_200_000 : 240_000
const SEEDS = 1000
const ALONE = { workers: 1, onProgress: () => undefined }

describeWithKafka('the same scenario on Kafka and embedded', kafka => {
  test(
    'gives identical events when the receipts of the one are replayed on the other',
    async () => {
      const seed = sampleSeed() % SEEDS
      const home = await mkdtemp(join(tmpdir(), 'sluice-same-'))
      const scenario = { scenario: 'flash-crash', accounts: ACCOUNTS, seed, steps: STEPS } as const
      const options = {
        brokers: kafka().brokers,
        namespace: freshNamespace(),
        evaluators: EVALUATORS,
        snapshotEvery: 5000,
        processes: [
          ['price', 'margin-evaluation'],
          ['liquidation-execution', 'cascade-analytics'],
        ],
        simulator: { ...scenario, speed: SPEED },
      } as const
      const copy = join(home, 'copy')
      const onKafka = await withPipeline(options, async pipeline => {
        await pipeline.untilReady()
        await pipeline.untilCalm(TIMEOUT_MS / 2)
        await stopCleanly(pipeline)
        const { log, layout } = pipeline
        await copyToEmbedded(log, { partitions: pipeline.partitions(), layout, directory: copy })
        return auditPipeline(pipeline)
      })
      expect(onKafka.faults).toEqual([])
      expect(onKafka.liquidations.started).toBeGreaterThan(0)

      const embedded = await verifyDirectory(copy, ALONE)
      expect(embedded.tasks).toEqual(onKafka.tasks)
      expect(await resumed(copy)).toEqual(
        onKafka.tasks.map(({ task, lastReceipt, stateHash }) => ({
          task,
          receipts: lastReceipt + 1,
          stateHash,
        })),
      )

      const { summary } = await runSimulation({
        arguments: { ...scenario, prices: [], policy: 'partial', evaluators: EVALUATORS },
        series: [],
        directory: join(home, 'embedded'),
      })
      expect(summary.moneyConserved).toBe(true)
      await verifyDirectory(join(home, 'embedded'), ALONE)
      const { liquidations, ordersAccepted, tasks } = onKafka
      const events = tasks.reduce((sum, task) => sum + task.events, 0)
      process.stdout.write(
        `seed ${seed}: on Kafka ${liquidations.started} liquidations, ${ordersAccepted} orders, ${events} events; ` +
          `simulated embedded ${summary.liquidations} liquidations, ${summary.events} events\n`,
      )
      await rm(home, { recursive: true, force: true })
    },
    TIMEOUT_MS,
  )
})

/** What live tasks come to that go on with a copy: its takeover is all that each adds. */
async function resumed(directory: string) {
  const log = openEmbeddedLog({ directory, mode: 'group', clock: () => 0 })
  try {
    const tasks = mapTasks(log, { evaluators: EVALUATORS }, definition =>
      openTask(definition, { owner: 'copy' }),
    )
    for (const task of tasks) await task.start()
    return tasks.map(task => ({
      task: task.name,
      receipts: task.sequence,
      stateHash: task.stateHash(),
    }))
  } finally {
    await log.close()
  }
}
