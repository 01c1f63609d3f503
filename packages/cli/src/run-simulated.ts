import { runSimulation } from '@sluice/simulation/run-simulation'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { Runtime } from './run-live.ts'
import type { RunSettings } from './run-settings.ts'

/**
 * Runs the services with the exchange simulator in the exchange's place, at a multiple of real time. The log's times are the scenario's.
 * At the end of the path the process goes on answering for its metrics until it is stopped.
 */
export async function runSimulated(
  { settings, logger, metrics, server, signal }: Runtime,
  { scenario, accounts, seed, policy, speed }: NonNullable<RunSettings['simulator']>,
): Promise<void> {
  const startedAt = SYSTEM_CLOCK.now()
  let firstTime: number | undefined
  const { summary } = await runSimulation({
    arguments: {
      scenario,
      prices: [],
      accounts,
      seed,
      policy,
      evaluators: settings.evaluators,
      steps: null,
    },
    series: [],
    directory: settings.log.directory,
    resume: true,
    onConfirmed: ({ events }) => events.forEach(event => metrics.observe(event)),
    pace: async time => {
      firstTime ??= time
      server.ready()
      const due = startedAt + (time - firstTime) / speed
      await SYSTEM_CLOCK.wait(Math.max(0, due - SYSTEM_CLOCK.now()), signal)
      return !signal.aborted
    },
  })
  logger.info(summary, signal.aborted ? 'simulation interrupted' : 'simulation ended')
  if (!signal.aborted)
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}
