import { expect, test } from '@jest/globals'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { auditPipeline, type PipelineAudit } from '@sluice/testkit/kafka-audit'
import { withPipeline, type KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import { longestGapMs, nextDecisionMs } from '@sluice/testkit/progress-gaps'
import { isLong } from '@sluice/testkit/seeds'
import { readChain } from '@sluice/testkit/task-chain'

const TASKS = [0, 1, 2, 3]
const ROUNDS = isLong() ? 5 : 1
const ACCOUNTS = isLong() ? 200 : 100
const SPEED = isLong() ? 4 : 20
const TIMEOUT_MS = isLong() ? 1_200_000 : 480_000
const MOVED_WITHIN_MS = 60_000
const CALM_WITHIN_MS = TIMEOUT_MS / 2

/** What was done, and when by the log's time: of this machine, like the broker's. */
interface Move {
  readonly what: string
  readonly from: number
  readonly to: number
}

describeWithKafka('tasks that move between processes', kafka => {
  test(
    'stand still for a while, and lose nothing and do nothing twice',
    async () => {
      const options = {
        brokers: kafka().brokers,
        namespace: freshNamespace(),
        evaluators: TASKS.length,
        snapshotEvery: 1000,
        processes: [['margin-evaluation'], ['price', 'liquidation-execution', 'cascade-analytics']],
        simulator: {
          scenario: 'flash-crash',
          accounts: ACCOUNTS,
          seed: 2,
          speed: SPEED,
          steps: 840,
        },
      } as const
      const { audit, moves, killed } = await withPipeline(options, async pipeline => {
        await pipeline.untilReady()
        await pipeline.until(
          'every task has read something',
          async () => !(await owners(pipeline)).includes(undefined),
          MOVED_WITHIN_MS,
        )
        const moves: Move[] = []
        const killed: number[] = []
        for (let round = 0; round < ROUNDS; round += 1) {
          moves.push(await joins(pipeline), await leaves(pipeline, 'SIGTERM'))
          moves.push(await joins(pipeline))
          killed.push(Date.now())
          moves.push(await leaves(pipeline, 'SIGKILL'))
        }
        await pipeline.untilCalm(CALM_WITHIN_MS)
        await stopCleanly(pipeline)
        return { audit: await auditPipeline(pipeline), moves, killed }
      })
      report(audit, moves, killed)
      expect(audit.faults).toEqual([])
      expect(audit.liquidations.started).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})

/** A process more, which takes half of the tasks. */
async function joins(pipeline: KafkaPipeline): Promise<Move> {
  const before = await owners(pipeline)
  const from = Date.now()
  await pipeline.join(['margin-evaluation'])
  await pipeline.until(
    'half of the tasks have moved',
    async () => changed(before, await owners(pipeline)) === TASKS.length / 2,
    MOVED_WITHIN_MS,
  )
  return { what: 'a process joins', from, to: Date.now() }
}

/** The evaluator that has been there longest ends; the tasks it has go on elsewhere. */
async function leaves(pipeline: KafkaPipeline, how: 'SIGTERM' | 'SIGKILL'): Promise<Move> {
  const evaluator = pipeline.processes.find(
    ({ name, isRunning }) => isRunning && name.endsWith('margin-evaluation'),
  )!
  const before = await owners(pipeline)
  const from = Date.now()
  if (how === 'SIGTERM') expect(await evaluator.stop()).toBe(0)
  else await evaluator.kill()
  await pipeline.until(
    'the tasks of the process that ended are owned elsewhere',
    async () => changed(before, await owners(pipeline)) === TASKS.length / 2,
    MOVED_WITHIN_MS,
  )
  return { what: `a process ends by ${how}`, from, to: Date.now() }
}

/** By task, who wrote the last batch that speaks for inputs. */
const owners = (pipeline: KafkaPipeline): Promise<(string | undefined)[]> =>
  Promise.all(
    TASKS.map(async partition => {
      const { valid } = await readChain(pipeline.log, { topic: 'margin-evaluation', partition })
      return valid.findLast(({ receipt }) => receipt.inputRuns.length > 0)?.receipt.owner
    }),
  )

const changed = (before: readonly unknown[], after: readonly unknown[]): number =>
  after.filter((owner, task) => owner !== before[task]).length

function report(
  { chains }: PipelineAudit,
  moves: readonly Move[],
  killed: readonly number[],
): void {
  const tasks = TASKS.map(task => chains.get(`margin-evaluation-${task}`)!)
  const lines = moves.map(({ what, from, to }) => {
    const gaps = tasks.map(chain => longestGapMs(chain, from, to))
    return `${what}: ms without progress per task ${gaps.join(', ')}`
  })
  for (const instant of killed) {
    const elsewhere = tasks.map(chain => nextDecisionMs(chain, instant) ?? '-')
    lines.push(`kill -9: ms to the next decision elsewhere per task ${elsewhere.join(', ')}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}
