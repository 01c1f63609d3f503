import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { encodeEvent } from '@sluice/contracts/codec'
import type { AccountUpdated } from '@sluice/contracts/generated/events'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { openTask, type PipelineTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { PartitionId, RecordToAppend } from '@sluice/stream-runtime/log'
import { run, type RunEnd } from '@sluice/stream-runtime/run'
import type { ConfirmedBatch } from '@sluice/stream-runtime/task'

/** The four services on an embedded log where every append is durable before it is answered. */
export interface LoopWorld {
  readonly log: EmbeddedLog
  readonly tasks: readonly PipelineTask[]
  readonly simulator: ExchangeSimulator
  /** What the venue said at its opening. */
  readonly opening: readonly VenueRecord[]
  readonly accounts: readonly AccountUpdated[]
  /** Sets the time at which records are appended. */
  setTime(time: number): void
  append(records: readonly VenueRecord[]): Promise<void>
  /** Rounds until no task has anything to do. */
  drain(): Promise<void>
  /** From now on tasks run by themselves, as in `sluice run`, until the world is closed. */
  run(): void
  /** Until no running task has anything to do. */
  settle(): Promise<void>
  close(): Promise<void>
}

export interface LoopWorldOptions {
  readonly accounts: number
  readonly onConfirmed?: (batch: ConfirmedBatch) => void
}

/** Opens a venue with its accounts, has the services read them, and answers the world at rest. */
export async function openLoopWorld({
  accounts,
  onConfirmed,
}: LoopWorldOptions): Promise<LoopWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const simulator = new ExchangeSimulator({
    market: { kind: 'scenario', name: 'calm' },
    accounts,
    seed: 1,
    mode: 'partial',
  })
  let time = simulator.startTime
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => time })
  const tasks = mapTasks(log, { evaluators: 1 }, definition =>
    openTask(definition, onConfirmed === undefined ? {} : { onConfirmed }),
  )
  for (const task of tasks) await task.start()
  const opening = simulator.open()
  const stop = new AbortController()
  let running: Promise<readonly RunEnd[]> | undefined
  const world: LoopWorld = {
    log,
    tasks,
    simulator,
    opening,
    accounts: opening.flatMap(({ event }) => (event.type === 'AccountUpdated' ? [event] : [])),
    setTime: to => (time = to),
    append: records => appendAll(log, records),
    drain: async () => {
      while (await roundOf(tasks, time));
    },
    run: () => {
      running = run(tasks, {
        log,
        signal: stop.signal,
        clock: { ...SYSTEM_CLOCK, now: () => time },
      })
    },
    settle: async () => {
      const isAtRest = (task: PipelineTask): boolean =>
        task.isIdle && (task.nextDeadline() ?? Infinity) > time
      while (!tasks.every(isAtRest)) await Promise.race([setImmediate(), running])
    },
    close: async () => {
      stop.abort()
      await running
      await log.close()
      await rm(directory, { recursive: true })
    },
  }
  await world.append(opening)
  await world.drain()
  return world
}

const encoded = ({ key, event }: VenueRecord): RecordToAppend => ({
  key: Buffer.from(key),
  value: encodeEvent(event),
})

async function appendAll(log: EmbeddedLog, records: readonly VenueRecord[]): Promise<void> {
  const byTopic = new Map<string, RecordToAppend[]>()
  for (const record of records) {
    const own = byTopic.get(record.topic) ?? []
    byTopic.set(record.topic, own)
    own.push(encoded(record))
  }
  await Promise.all(
    [...byTopic].map(([topic, own]) =>
      log.append({ topic, partition: 0 } satisfies PartitionId, own),
    ),
  )
}

async function roundOf(tasks: readonly PipelineTask[], time: number): Promise<boolean> {
  let isBusy = false
  for (const task of tasks) {
    const { outcome } = await task.step()
    isBusy ||= outcome === 'worked'
    if (!task.tick(time)) continue
    await task.step()
    isBusy = true
  }
  return isBusy
}

/** Encodes ahead of time what a benchmark will append. */
export function encodeAll(
  records: readonly VenueRecord[],
): { readonly topic: string; readonly record: RecordToAppend }[] {
  return records.map(record => ({ topic: record.topic, record: encoded(record) }))
}
