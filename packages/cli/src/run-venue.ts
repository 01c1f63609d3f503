import { createHash } from 'node:crypto'
import { opaqueIds } from '@sluice/contracts/opaque-id'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { claimTopology } from '@sluice/service-host/claim-topology'
import type { HostProcess } from '@sluice/service-host/host-process'
import { VenueLink } from '@sluice/simulation/venue-link'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { RunSettings, SimulatorSettings } from './run-settings.ts'

/** The venue keeps its ledger in memory: after it has ended it cannot go on where it was. */
export class VenueOverError extends Error {
  override readonly name = 'VenueOverError'
}

/** Latest time there is: every request that has been appended is handed out. */
const ANY_TIME = Infinity

/**
 * The exchange simulator alone, on a log that services in other processes read and write, at a multiple of real time: it publishes its
 * records, and answers what liquidation-execution asks for. Times inside records are moved to the present,
 * since the services compare them with the time of arrival.
 *
 * @throws VenueOverError if an exchange has written to the log before.
 */
export async function runVenue(
  { logger, server, signal }: HostProcess,
  settings: RunSettings,
  simulatorSettings: SimulatorSettings,
): Promise<void> {
  const { directory, evaluators } = settings.log
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => SYSTEM_CLOCK.now() })
  try {
    await refuseIfUsed(log, settings.log)
    claimTopology(log, settings.log)
    const link = new VenueLink(log, { evaluators, recordedTo: -1 })
    const simulator = new ExchangeSimulator(optionsOf(simulatorSettings))
    await publish(link, simulator.open(), simulator.startTime)
    logger.info({ accounts: simulatorSettings.accounts, steps: simulator.steps }, 'venue open')
    server.ready()
    await stepAll({ simulator, link, speed: simulatorSettings.speed, signal })
    logger.info(simulator.audit(), simulator.finished ? 'path at its end' : 'venue interrupted')
  } finally {
    server.notReady()
    await log.close()
  }
}

interface Stepping {
  readonly simulator: ExchangeSimulator
  readonly link: VenueLink
  readonly speed: number
  readonly signal: AbortSignal
}

async function stepAll({ simulator, link, speed, signal }: Stepping): Promise<void> {
  const began = SYSTEM_CLOCK.now()
  for (let step = 1; !simulator.finished && !signal.aborted; step += 1) {
    const elapsed = step * simulator.stepMs
    const time = simulator.startTime + elapsed
    await publish(link, simulator.step(time, await link.requestsBefore(ANY_TIME)), time)
    const due = began + elapsed / speed
    await SYSTEM_CLOCK.wait(Math.max(0, due - SYSTEM_CLOCK.now()), signal)
  }
}

async function publish(link: VenueLink, records: VenueRecord[], time: number): Promise<void> {
  await link.publish(
    time,
    records.map(record => inThePresent(record, time)),
  )
}

function inThePresent(record: VenueRecord, time: number): VenueRecord {
  if (record.topic !== 'market-data') return record
  const { event } = record
  const shift = SYSTEM_CLOCK.now() - time
  if (event.type === 'IndexComponentPriced')
    return { ...record, event: { ...event, sourceTime: event.sourceTime + shift } }
  if (event.type === 'FundingRateUpdated')
    return { ...record, event: { ...event, nextFundingAt: event.nextFundingAt + shift } }
  return record
}

async function refuseIfUsed(
  log: EmbeddedLog,
  { directory, evaluators }: RunSettings['log'],
): Promise<void> {
  for (let partition = 0; partition < evaluators; partition += 1) {
    if ((await log.end({ topic: 'accounts', partition })) > 0)
      throw new VenueOverError(
        `${directory} already holds the records of an exchange, and the simulator cannot go on with them: give log.directory a new directory`,
      )
  }
}

/** The accounts belong to nobody, so their key may follow from the seed. */
function optionsOf({ scenario, accounts, seed, policy }: SimulatorSettings) {
  const key = createHash('sha256').update(`sluice venue ${seed}`).digest()
  return {
    market: { kind: 'scenario', name: scenario } as const,
    accounts,
    seed,
    mode: policy,
    opaqueId: opaqueIds(key),
  }
}
