import type { KafkaPipeline } from './kafka-pipeline.ts'
import { PipelineFailedError } from './kafka-pipeline.ts'
import { readCoverage } from './read-coverage.ts'

/** A task that folds something appends a receipt within a second. */
const QUIET_MS = 2000
const QUIET_WITHIN_MS = 120_000
const ROUNDS = 3

/**
 * Ends the exchange simulator, lets the services read everything there is, and ends them. A service may say something by its clock just
 * when the others end; then all are started once more to read it.
 *
 * @throws PipelineFailedError if they do not come to rest, or one ends otherwise than with code 0.
 */
export async function stopCleanly(pipeline: KafkaPipeline): Promise<void> {
  await stopAll([pipeline.simulator])
  for (let round = 1; ; round += 1) {
    await untilQuiet(pipeline)
    await stopAll(pipeline.processes.filter(({ isRunning }) => isRunning))
    const { unread } = await readCoverage(pipeline.log, pipeline.layout)
    if (unread === 0 || round === ROUNDS) return
    for (const process of pipeline.processes) process.restart()
  }
}

async function stopAll(processes: KafkaPipeline['members']): Promise<void> {
  const codes = await Promise.all(processes.map(process => process.stop()))
  const bad = processes.filter((_, index) => codes[index] !== 0)
  if (bad.length > 0)
    throw new PipelineFailedError(
      `after SIGTERM not with code 0: ${bad.map(({ name }) => name).join(', ')}`,
    )
}

/** Every running service is ready and has read everything, and nothing is appended any more. */
async function untilQuiet(pipeline: KafkaPipeline): Promise<void> {
  const running = pipeline.processes.filter(({ isRunning }) => isRunning)
  let records = -1
  let since = performance.now()
  const isQuiet = async (): Promise<boolean> => {
    const states = await Promise.all(
      running.map(async each => [await each.isReady(), await each.lagRecords()]),
    )
    const now = await pipeline.records()
    const isStill =
      now === records && states.every(([isReady, lag]) => isReady === true && lag === 0)
    records = now
    if (!isStill) since = performance.now()
    return performance.now() - since >= QUIET_MS
  }
  await pipeline.until('all is read and quiet', isQuiet, QUIET_WITHIN_MS)
}
