import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { PartitionId } from '@sluice/stream-runtime/log'
import type { HostProcess } from './host-process.ts'
import { lagOf } from './lag.ts'
import type { Logs } from './logs.ts'
import type { Roster } from './roster.ts'
import { InputWatch } from './watch-inputs.ts'

const WATCH_EVERY_MS = 1000

interface Watched {
  readonly logs: Logs
  readonly roster: Roster
}

/** Lag, and what metrics want to know of the inputs, on handles of their own until the signal aborts. */
export async function watchTasks(
  { metrics }: HostProcess,
  { logs, roster }: Watched,
  signal: AbortSignal,
): Promise<void> {
  const { log, close } = await logs.open(inputsOf(logs, roster))
  const giveUp = () => void close()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const inputs = new InputWatch(log, logs.layout, metrics)
    while (!signal.aborted) {
      for (const slot of roster.slots) {
        const { task } = slot
        if (task === undefined) continue
        const lag = await lagOf(task, log, SYSTEM_CLOCK.now())
        if (slot.task === task) metrics.taskProgress(lag)
      }
      await inputs.look(roster.running())
      await SYSTEM_CLOCK.wait(WATCH_EVERY_MS, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
    await close()
  }
}

/** Everything that any task of this host might read. */
function inputsOf({ layout }: Logs, { slots }: Roster): readonly PartitionId[] {
  const all = slots.flatMap(({ place: { service, partition } }) =>
    service.inputs(layout, partition),
  )
  return [...new Map(all.map(input => [`${input.topic}-${input.partition}`, input])).values()]
}
