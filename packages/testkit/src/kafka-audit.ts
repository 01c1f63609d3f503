import { readFile } from 'node:fs/promises'
import { eventsOf } from '@sluice/audit/log-events'
import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { KafkaPipeline } from './kafka-pipeline.ts'
import { LiquidationCounter, type LiquidationCounts } from './liquidation-counts.ts'
import { readCoverage } from './read-coverage.ts'
import type { TaskChain } from './task-chain.ts'

/** What the simulator says of itself at its end, as far as it is looked at. */
interface VenueReport {
  readonly ordersAccepted: number
  readonly acceptedTwice: readonly string[]
  readonly moneyConserved: boolean
  readonly audit: { readonly sound: boolean; readonly firstFault: unknown }
}

export interface PipelineAudit {
  /** What is wrong, in words; none where all is well. */
  readonly faults: readonly string[]
  readonly tasks: readonly TaskReport[]
  readonly chains: ReadonlyMap<string, TaskChain>
  readonly liquidations: LiquidationCounts
  readonly ordersAccepted: number
}

/**
 * Looks at a log after a clean stop: every task replays to the same events; its receipts, read without the runtime, cover every input from
 * start to end once; the venue accepted each order once, and only such as were placed; no liquidation is open; money is conserved.
 *
 * @throws ReplayDivergedError, LogForkedError where the log is not sound.
 */
export async function auditPipeline(pipeline: KafkaPipeline): Promise<PipelineAudit> {
  const { layout } = pipeline
  const log = await pipeline.openLog()
  try {
    const tasks = await verifyLog(log, layout)
    const { chains, faults, unread } = await readCoverage(log, layout)
    const liquidations = await new LiquidationCounter(log).look()
    const venue = JSON.parse(await readFile(pipeline.reportFile, 'utf8')) as VenueReport
    return {
      faults: [
        ...faults,
        ...(unread === 0 ? [] : [`${unread} inputs are covered by no receipt`]),
        ...faultsOfLiquidations(liquidations),
        ...faultsOfVenue(venue),
        ...(await faultsOfOrders(log, venue)),
      ],
      tasks,
      chains,
      liquidations,
      ordersAccepted: venue.ordersAccepted,
    }
  } finally {
    await log.close()
  }
}

function faultsOfLiquidations({ open, halted }: LiquidationCounts): string[] {
  return [
    ...(open === 0 ? [] : [`${open} liquidations are open`]),
    ...(halted === 0 ? [] : [`${halted} liquidations are halted`]),
  ]
}

function faultsOfVenue({ acceptedTwice, moneyConserved, audit }: VenueReport): string[] {
  return [
    ...acceptedTwice.map(id => `the venue accepted ${id} twice`),
    ...(moneyConserved ? [] : ['money is not conserved']),
    ...(audit.sound ? [] : [`the venue's auditor: ${JSON.stringify(audit.firstFault)}`]),
  ]
}

/** The same from the log: what was accepted was placed by a valid batch, and no more than once. */
async function faultsOfOrders(log: StreamLog, venue: VenueReport): Promise<string[]> {
  const placed = new Set<string>()
  for await (const { id, event } of eventsOf(log, 'liquidation-execution', 0))
    if (event.type === 'LiquidationOrderPlaced') placed.add(id)
  const accepted = new Map<string, number>()
  for await (const { event } of eventsOf(log, 'execution-reports', 0))
    if (event.type === 'OrderAccepted')
      accepted.set(event.clientOrderId, (accepted.get(event.clientOrderId) ?? 0) + 1)
  const faults = [...accepted].flatMap(([id, times]) => [
    ...(times === 1 ? [] : [`order ${id} was accepted ${times} times, says the log`]),
    ...(placed.has(id) ? [] : [`order ${id} was accepted, and no valid batch placed it`]),
  ])
  if (accepted.size !== venue.ordersAccepted)
    faults.push(
      `the log holds ${accepted.size} accepted orders, the venue says ${venue.ordersAccepted}`,
    )
  return faults
}
