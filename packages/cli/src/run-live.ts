import type { createLogger } from '@sluice/observability/logger'
import type { Metrics } from '@sluice/observability/metrics'
import type { ObservabilityServer } from '@sluice/observability/server'
import { lagOf } from '@sluice/pipeline/lag'
import { openTask, type PipelineTask } from '@sluice/pipeline/tasks'
import { mapTasks, topologyOf } from '@sluice/pipeline/topology'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { ReplayDivergedError } from '@sluice/stream-runtime/errors'
import { run } from '@sluice/stream-runtime/run'
import type { RunSettings } from './run-settings.ts'

/** What a running process shares between its parts. */
export interface Runtime {
  readonly settings: RunSettings
  readonly logger: ReturnType<typeof createLogger>
  readonly metrics: Metrics
  readonly server: ObservabilityServer
  readonly signal: AbortSignal
}

/** The log is cut otherwise than the settings say. */
export class TopologyChangedError extends Error {
  override readonly name = 'TopologyChangedError'
}

const LAG_EVERY_MS = 1000

/** Runs the services on a log that the exchange writes to. */
export async function runLive({
  settings,
  logger,
  metrics,
  server,
  signal,
}: Runtime): Promise<void> {
  const log = openEmbeddedLog({ directory: settings.log.directory, mode: 'each', clock: Date.now })
  const lagTimer = { current: undefined as NodeJS.Timeout | undefined }
  try {
    const topology = agreedTopology(log, settings)
    const tasks = mapTasks(log, topology, definition =>
      openTask(definition, {
        onConfirmed: ({ events }) => events.forEach(event => metrics.observe(event)),
      }),
    )
    lagTimer.current = setInterval(() => void reportLag(tasks, log, metrics), LAG_EVERY_MS)
    const ends = await run(tasks, {
      log,
      signal,
      onStep: () => {
        if (tasks.every(({ isReady }) => isReady)) server.ready()
      },
    })
    for (const end of ends) logger.info(end, 'task ended')
  } catch (error) {
    if (error instanceof ReplayDivergedError) metrics.replayDiverged(error.divergence.task)
    throw error
  } finally {
    server.notReady()
    clearInterval(lagTimer.current)
    await log.close()
  }
}

function agreedTopology(log: EmbeddedLog, { evaluators, log: { directory } }: RunSettings) {
  const held = log.readMeta('topology')
  if (held === undefined) log.writeMeta('topology', { evaluators })
  else if (topologyOf(held).evaluators !== evaluators)
    throw new TopologyChangedError(
      `${directory} was made with ${topologyOf(held).evaluators} evaluator(s): set evaluators to that, or begin a new log`,
    )
  return { evaluators }
}

async function reportLag(
  tasks: readonly PipelineTask[],
  log: EmbeddedLog,
  metrics: Metrics,
): Promise<void> {
  for (const task of tasks) metrics.taskProgress(await lagOf(task, log, Date.now()))
}
