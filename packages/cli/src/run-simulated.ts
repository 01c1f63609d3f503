import type { HostProcess } from '@sluice/service-host/host-process'
import { runSimulation } from '@sluice/simulation/run-simulation'
import { directoryOf } from '@sluice/service-host/host-settings'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { RunSettings, SimulatorSettings } from './run-settings.ts'

/**
 * Runs the services with the exchange simulator in the exchange's place, at a multiple of real time. The log's times are the scenario's.
 * At the end of the path the process goes on answering for its metrics until it is stopped.
 */
export async function runSimulated(
  { logger, metrics, server, signal }: HostProcess,
  settings: RunSettings,
  { scenario, accounts, seed, policy, speed, steps }: SimulatorSettings,
): Promise<void> {
  const { evaluators } = settings.log
  const startedAt = SYSTEM_CLOCK.now()
  let firstTime: number | undefined
  const { summary } = await runSimulation({
    arguments: { scenario, prices: [], accounts, seed, policy, evaluators, steps: steps ?? null },
    series: [],
    directory: directoryOf(settings),
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
