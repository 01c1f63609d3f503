import { openEmbeddedSnapshots } from '@sluice/stream-embedded/embedded-snapshots'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import { TopologyChangedError } from './host-errors.ts'
import { directoryOf, type HostSettings } from './host-settings.ts'
import type { Assignee, Handle, Logs, OpenedStore } from './logs.ts'
import type { Service } from './service.ts'

/** One embedded log, which all handles share, and a fixed set of tasks: all, or of margin-evaluation the one that is set. */
export function openEmbeddedLogs(
  settings: HostSettings,
  { generation = SYSTEM_CLOCK.now() }: { readonly generation?: number | undefined },
): Logs {
  const directory = directoryOf(settings)
  const { evaluators, partition } = settings.log
  const log = openEmbeddedLog({ directory, mode: 'each', clock: () => SYSTEM_CLOCK.now() })
  const layout = { evaluators }
  try {
    claimTopology(log, { directory, evaluators })
  } catch (error) {
    void log.close()
    throw error
  }
  const handle: Handle = { log, close: () => Promise.resolve() }
  return {
    about: directory,
    layout,
    hasFixedTasks: true,
    open: () => Promise.resolve(handle),
    deadLetters: undefined,
    openSnapshots: () => Promise.resolve(snapshotsOf(settings, directory)),
    assign(service: Service, assignee: Assignee) {
      const all = Array.from({ length: service.taskCount(layout) }, (_, task) => task)
      const isOne = service.name === 'margin-evaluation' && partition !== undefined
      assignee.onAssigned({ tasks: isOne ? [partition] : all, generation })
      return Promise.resolve()
    },
    close: () => log.close(),
  }
}

function snapshotsOf({ snapshots }: HostSettings, directory: string): OpenedStore | undefined {
  if (snapshots.everyInputs === 0) return undefined
  return openEmbeddedSnapshots({ directory: snapshots.directory ?? `${directory}-snapshots` })
}

/**
 * Writes down in a new log how it is cut into tasks, so that `sluice verify` needs nothing else, or finds that it is cut as set.
 *
 * @throws TopologyChangedError
 */
export function claimTopology(
  log: EmbeddedLog,
  { directory, evaluators }: { readonly directory: string; readonly evaluators: number },
): void {
  const held = log.readMeta('topology')
  if (held === undefined) log.writeMeta('topology', { evaluators })
  else if (JSON.stringify(held) !== JSON.stringify({ evaluators }))
    throw new TopologyChangedError(
      `${directory} was made with ${JSON.stringify(held)}, and log.evaluators is ${evaluators}: set it to that, or begin a new log`,
    )
}
