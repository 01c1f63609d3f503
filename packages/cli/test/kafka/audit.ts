import { expect } from '@jest/globals'
import { listLiquidations } from '@sluice/audit/liquidations'
import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import { isOurs, topicSpec } from '@sluice/contracts/topics'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { VenueReport } from '../../src/venue-recorder.ts'
import type { Contender } from './contender.ts'
import { until, type Stand } from './stand.ts'
import type { RunningVenue } from './venue.ts'

export interface Audited {
  readonly tasks: readonly TaskReport[]
  readonly voidReceipts: number
  readonly liquidations: number
}

export interface SoundEnd {
  readonly report: VenueReport
  readonly audited: Audited
}

/**
 * Waits until nothing is left to do, ends all, and expects that nothing was lost and nothing done twice: by the log's own account and by
 * the venue's.
 */
export async function endSoundly(
  stand: Stand,
  venue: RunningVenue,
  owners: readonly Contender[],
): Promise<SoundEnd> {
  const log = await stand.openAll()
  await until('the path is at its end', () => venue.hasPathEnded())
  await until('no liquidation is open', () => areAllOver(log))
  const report = await venue.close()
  await until('all that the venue has said is folded', async () => {
    const done = await Promise.all(owners.map(owner => hasReadAll(owner, log)))
    return done.every(Boolean)
  })
  await Promise.all(owners.map(owner => owner.stop()))
  const audited = await audit(log, stand)
  expect(report).toMatchObject({ acceptedTwice: [], moneyConserved: true })
  expect(report.audit).toMatchObject({ sound: true })
  expect(audited.liquidations).toBeGreaterThan(0)
  return { report, audited }
}

const isOfTheExchange = ({ topic }: { readonly topic: string }): boolean =>
  !isOurs(topicSpec(topic))

async function hasReadAll(owner: Contender, log: StreamLog): Promise<boolean> {
  for (const position of owner.positions().filter(isOfTheExchange)) {
    if (position.position !== (await log.end(position))) return false
  }
  return true
}

/** Replays every task from the beginning. Its receipts must speak for all that the exchange has said. */
async function audit(log: StreamLog, { logs: { layout } }: Stand): Promise<Audited> {
  const tasks = await verifyLog(log, layout)
  for (const { task, coverage } of tasks) {
    for (const { topic, partition, coveredTo, end } of coverage.filter(isOfTheExchange))
      expect([task, topic, partition, coveredTo]).toEqual([task, topic, partition, end])
  }
  const voidReceipts = tasks.reduce((sum, task) => sum + task.voidReceipts, 0)
  return { tasks, voidReceipts, liquidations: (await listLiquidations(log)).length }
}

/** Whether every liquidation that was started has come to its end. */
async function areAllOver(log: StreamLog): Promise<boolean> {
  const liquidations = await listLiquidations(log)
  return liquidations.every(({ outcome }) => outcome !== null)
}
