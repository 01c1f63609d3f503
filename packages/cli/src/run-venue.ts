import { createHash } from 'node:crypto'
import { opaqueIds } from '@sluice/contracts/opaque-id'
import { isOurs, TOPICS } from '@sluice/contracts/topics'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import type { HostProcess } from '@sluice/service-host/host-process'
import { inputsOf, type Layout } from '@sluice/service-host/layout'
import { openLogs, type Logs } from '@sluice/service-host/logs'
import { REQUESTS, VenueLink } from '@sluice/simulation/venue-link'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import type { RunSettings, SimulatorSettings } from './run-settings.ts'
import { VenueRecorder } from './venue-recorder.ts'

/** The venue keeps its ledger in memory: after it has ended it cannot go on where it was. */
export class VenueOverError extends Error {
  override readonly name = 'VenueOverError'
}

/** Latest time there is: every request that has been appended is handed out. */
const ANY_TIME = Infinity

/** What an exchange writes, as far as the simulator is one. */
const PUBLISHED = TOPICS.filter(spec => !isOurs(spec) && spec.writer === 'exchange')

/**
 * The exchange simulator alone, on a log that services in other processes read and write, at a multiple of real time: it publishes its
 * records, and answers what liquidation-execution asks for, also after the end of its price path, until the signal aborts. Times inside
 * records are moved to the present, since the services compare them with the time of arrival.
 *
 * @throws VenueOverError if an exchange has written to the log before.
 */
export async function runVenue(
  host: HostProcess,
  settings: RunSettings,
  simulatorSettings: SimulatorSettings,
): Promise<void> {
  const { logger, server, signal } = host
  const topics = [...PUBLISHED.map(({ name }) => name), 'liquidation-execution' as const]
  const logs = await openLogs(settings, { role: 'exchange', topics, logger, signal })
  try {
    await withVenue(host, logs, simulatorSettings)
  } finally {
    server.notReady()
    await logs.close()
  }
}

async function withVenue(
  { logger, server, signal }: HostProcess,
  logs: Logs,
  settings: SimulatorSettings,
): Promise<void> {
  const { layout } = logs
  const { log, close } = await logs.open(partitionsOf(layout))
  try {
    await refuseIfUsed(log, logs)
    const link = new VenueLink(log, { layout, recordedTo: -1, signal })
    const simulator = new ExchangeSimulator(optionsOf(settings))
    const recorder = new VenueRecorder(simulator)
    await publish({ link, recorder }, simulator.open(), simulator.startTime)
    logger.info({ accounts: settings.accounts, steps: simulator.steps }, 'venue open')
    server.ready()
    const onPathEnd = () => logger.info(recorder.report(), 'path at its end')
    try {
      await stepAll({ simulator, link, recorder, speed: settings.speed, signal, onPathEnd })
    } finally {
      logger.info(recorder.report(), 'venue closed')
      if (settings.report !== undefined) await recorder.writeTo(settings.report)
    }
  } finally {
    await close()
  }
}

/** What it writes, to see whether somebody has before, and what it is asked for. */
function partitionsOf(layout: Layout): readonly PartitionId[] {
  return [...PUBLISHED.flatMap(({ name }) => inputsOf(layout, name)), REQUESTS]
}

interface Publishing {
  readonly link: VenueLink
  readonly recorder: VenueRecorder
}

interface Stepping extends Publishing {
  readonly simulator: ExchangeSimulator
  readonly speed: number
  readonly signal: AbortSignal
  readonly onPathEnd: () => void
}

async function stepAll(stepping: Stepping): Promise<void> {
  const { simulator, link, speed, signal, onPathEnd } = stepping
  const began = SYSTEM_CLOCK.now()
  for (let step = 1; !signal.aborted; step += 1) {
    const elapsed = step * simulator.stepMs
    const time = simulator.startTime + elapsed
    await publish(stepping, simulator.step(time, await link.requestsBefore(ANY_TIME)), time)
    if (step === simulator.steps) onPathEnd()
    const due = began + elapsed / speed
    await SYSTEM_CLOCK.wait(Math.max(0, due - SYSTEM_CLOCK.now()), signal)
  }
}

async function publish(
  { link, recorder }: Publishing,
  records: VenueRecord[],
  time: number,
): Promise<void> {
  recorder.observe(records)
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

async function refuseIfUsed(log: StreamLog, { layout, about }: Logs): Promise<void> {
  for (const of of inputsOf(layout, 'accounts')) {
    if ((await log.end(of)) > 0)
      throw new VenueOverError(
        `${about} already holds the records of an exchange, and the simulator cannot go on with them: give log.directory a new directory, or kafka.namespace another name`,
      )
  }
}

/** The accounts belong to nobody, so their key may follow from the seed. */
function optionsOf({ scenario, accounts, seed, policy, steps }: SimulatorSettings) {
  const key = createHash('sha256').update(`sluice venue ${seed}`).digest()
  return {
    market: { kind: 'scenario', name: scenario } as const,
    accounts,
    seed,
    mode: policy,
    opaqueId: opaqueIds(key),
    ...(steps === undefined ? {} : { steps }),
  }
}
