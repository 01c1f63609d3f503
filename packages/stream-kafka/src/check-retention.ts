import type { Admin } from 'kafkajs'
import { fine, amiss, type Check } from './check.ts'

export interface RetentionCheck {
  /** On the broker. */
  readonly name: string
  readonly retentionMs: number
  /** `snapshots.everyInputs`. */
  readonly everyInputs: number
  readonly now: number
}

const HOUR_MS = 3_600_000

/**
 * Whether a topic that is not kept for ever is kept for at least twice the time between two snapshots of a task, judged by what it
 * took in during the last hour: a task that starts from its newest snapshot but one must find every record since.
 */
export async function checkRetention(
  admin: Admin,
  { name, retentionMs, everyInputs, now }: RetentionCheck,
): Promise<Check> {
  const title = `retention of ${name}`
  const kept = `kept for ${hours(retentionMs)}`
  if (everyInputs === 0)
    return amiss(title, `${kept}, and no snapshots are taken`, `Keep it for ever, or ${SNAPSHOTS}`)
  const perHour = await inputsOfTheLastHour(admin, name, now)
  if (perHour === 0) return fine(title, `${kept}; nothing came in during the last hour to judge by`)
  const betweenMs = (everyInputs / perHour) * HOUR_MS
  const found = `${kept}, a snapshot about every ${hours(betweenMs)}`
  return retentionMs >= 2 * betweenMs
    ? fine(title, found)
    : amiss(title, found, `Keep it for twice that at least, or ${SNAPSHOTS} more often`)
}

const SNAPSHOTS = 'take snapshots (snapshots.everyInputs)'

async function inputsOfTheLastHour(admin: Admin, name: string, now: number): Promise<number> {
  const [ends, starts] = await Promise.all([
    admin.fetchTopicOffsets(name),
    admin.fetchTopicOffsetsByTimestamp(name, now - HOUR_MS),
  ])
  const startOf = new Map(starts.map(({ partition, offset }) => [partition, Number(offset)]))
  return ends.reduce(
    (sum, { partition, high }) => sum + Number(high) - (startOf.get(partition) ?? Number(high)),
    0,
  )
}

const hours = (ms: number): string =>
  ms >= HOUR_MS ? `${(ms / HOUR_MS).toFixed(1)} h` : `${(ms / 60_000).toFixed(1)} min`
