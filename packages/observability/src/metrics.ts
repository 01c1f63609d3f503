import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createInstruments } from './instruments.ts'
import { createObservers } from './observers.ts'

export interface MetricsOptions {
  readonly version: string
  /** Milliseconds: what ages are measured against at each scrape. Usually `Date.now`. */
  readonly now: () => number
  /** Also the process's own metrics (memory, event loop); default false. */
  readonly withProcessMetrics?: boolean
}

/** How far a task is behind its inputs. */
export interface TaskProgress {
  readonly task: string
  readonly lagRecords: number
  /** Age of the oldest record not yet read; 0 when there is none. */
  readonly lagSeconds: number
}

/** The metrics of one process, fed with the events that its tasks read and write. */
export interface Metrics {
  readonly registry: Registry
  /** Each event once, when it is durable. */
  observe(event: SluiceEvent): void
  /** How many tasks of a service are this process's to run. */
  tasksAssigned(service: string, count: number): void
  taskProgress(progress: TaskProgress): void
  /** The task is no longer this process's: what it is behind is another's to say. */
  taskGone(task: string): void
  replayDiverged(task: string): void
}

const MS_PER_S = 1_000

/**
 * Metrics that are a function of the events: whoever replays the same events has the same counts. Gauges start from nothing,
 * so a restarted process knows of a scope, pool or cascade only what has happened to it since.
 */
export function createMetrics({ version, now, withProcessMetrics }: MetricsOptions): Metrics {
  const registry = new Registry()
  const instruments = createInstruments(registry)
  const observers: Readonly<Record<string, ((event: never) => void) | undefined>> =
    createObservers(instruments)
  const clocked = [createMarkAge(registry, now), createKillSwitch(registry, now)]
  instruments.buildInfo.set({ version, node: process.version }, 1)
  if (withProcessMetrics === true) collectDefaultMetrics({ register: registry, prefix: 'sluice_' })
  return {
    registry,
    observe(event) {
      instruments.events.inc({ type: event.type })
      observers[event.type]?.(event as never)
      for (const take of clocked) take(event)
    },
    tasksAssigned: (service, count) => instruments.assignedTasks.set({ service }, count),
    taskProgress({ task, lagRecords, lagSeconds }) {
      instruments.consumerLag.set({ task }, lagRecords)
      instruments.consumerLagSeconds.set({ task }, lagSeconds)
    },
    taskGone(task) {
      instruments.consumerLag.remove({ task })
      instruments.consumerLagSeconds.remove({ task })
    },
    replayDiverged: task => instruments.replayDivergence.inc({ task }),
  }
}

/** A metric that needs the time of the scrape: what it takes note of in an event. */
type Take = (event: SluiceEvent) => void

/** The age of each mark price. */
function createMarkAge(registry: Registry, now: () => number): Take {
  const times = new Map<string, number>()
  new Gauge({
    name: 'sluice_mark_age_seconds',
    help: 'Time since the last mark price',
    labelNames: ['market'],
    registers: [registry],
    collect() {
      for (const [market, time] of times) this.set({ market }, (now() - time) / MS_PER_S)
    },
  })
  return event => {
    if (event.type === 'MarkPriceUpdated') times.set(event.instrument, event.meta.time)
  }
}

/** Whether the kill switch is engaged: until it is released, or lapses. */
function createKillSwitch(registry: Registry, now: () => number): Take {
  let engagedUntil = -Infinity
  new Gauge({
    name: 'sluice_kill_switch_engaged',
    help: '1 while no new order may be placed',
    registers: [registry],
    collect() {
      this.set(now() < engagedUntil ? 1 : 0)
    },
  })
  return event => {
    if (event.type === 'KillSwitchEngaged') engagedUntil = event.expiresAt ?? Infinity
    if (event.type === 'KillSwitchReleased') engagedUntil = -Infinity
  }
}
