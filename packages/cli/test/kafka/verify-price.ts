import { expect } from '@jest/globals'
import { eventsOf } from '@sluice/audit/log-events'
import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import { LAYOUT, type Market } from './market.ts'

const TASK = 'price-0'

/** Replays the price task from the beginning and compares; no event may stand there twice. */
export async function verifyPrice(market: Market): Promise<TaskReport> {
  const log = await market.handle()
  const [report] = await verifyLog(log, LAYOUT, { tasks: [TASK] })
  if (report === undefined) throw new Error(`there is no task ${TASK}`)
  const ids = new Set<string>()
  for await (const { id } of eventsOf(log, 'price', 0)) {
    expect(ids.has(id)).toBe(false)
    ids.add(id)
  }
  expect(ids.size).toBe(report.events)
  expect(report.voidReceipts).toBeGreaterThan(0)
  return report
}
