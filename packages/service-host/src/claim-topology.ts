import type { EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { TopologyChangedError } from './host-errors.ts'
import type { HostSettings } from './host-settings.ts'

/**
 * Writes down in a new log how it is cut into tasks, so that `sluice verify` needs nothing else, or finds that it is cut as set.
 *
 * @throws TopologyChangedError
 */
export function claimTopology(
  log: EmbeddedLog,
  { directory, evaluators }: HostSettings['log'],
): void {
  const held = log.readMeta('topology')
  if (held === undefined) log.writeMeta('topology', { evaluators })
  else if (JSON.stringify(held) !== JSON.stringify({ evaluators }))
    throw new TopologyChangedError(
      `${directory} was made with ${JSON.stringify(held)}, and log.evaluators is ${evaluators}: set it to that, or begin a new log`,
    )
}
