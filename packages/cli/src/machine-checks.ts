import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { Check } from '@sluice/stream-kafka/check'
import { withLog } from './open-log.ts'

const NODE_MIN = [20, 19] as const
const FREE_BYTES_MIN = 2 * 1024 ** 3
const GIB = 1024 ** 3

/** The Node.js that runs this. */
export function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  return {
    name: 'Node.js',
    ok,
    found: process.versions.node,
    advice: ok ? '' : `Install ${NODE_MIN.join('.')} or later`,
  }
}

/** Cores and memory: nothing is asked of them. */
export function machineCheck(): Check {
  const found = `${availableParallelism()} cores, ${(totalmem() / GIB).toFixed(1)} GiB`
  return { name: 'machine', ok: true, found, advice: '' }
}

/** Whether there is room where a log would grow. */
export async function diskCheck(directory: string): Promise<Check> {
  try {
    await access(directory, constants.R_OK)
    const { bavail, bsize } = await statfs(directory)
    const free = bavail * bsize
    const ok = free >= FREE_BYTES_MIN
    const advice = ok
      ? ''
      : `Free some: a simulated crash day of 100,000 accounts needs about ${FREE_BYTES_MIN / GIB} GiB`
    return {
      name: 'disk',
      ok,
      found: `${(free / GIB).toFixed(1)} GiB free at ${directory}`,
      advice,
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return {
      name: 'disk',
      ok: false,
      found,
      advice: 'Give a directory that exists and can be read',
    }
  }
}

/** What a directory's log holds. */
export async function logCheck(directory: string): Promise<Check> {
  try {
    return await withLog(directory, ({ log, topology }) => {
      const records = log
        .partitions()
        .reduce((sum, partition) => sum + log.committedEnd(partition), 0)
      const found = `${records} records in ${log.partitions().length} partitions, ${topology.evaluators} evaluator(s), ${(log.sizeBytes() / GIB).toFixed(2)} GiB`
      return { name: 'log', ok: true, found, advice: 'Whether it is sound, `sluice verify` says' }
    })
  } catch (error) {
    return {
      name: 'log',
      ok: false,
      found: error instanceof Error ? error.message : String(error),
      advice: '',
    }
  }
}
