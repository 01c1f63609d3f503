import type { PartitionId, RecordToAppend, StreamLog } from '@sluice/stream-runtime/log'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { Layout } from '@sluice/service-host/layout'
import { recordsOf } from './task-chain.ts'

export interface CopyOptions {
  readonly partitions: readonly PartitionId[]
  readonly layout: Layout
  /** New or empty. */
  readonly directory: string
}

/** Copies a log to an embedded one, record by record, with the offsets and append times that it has. */
export async function copyToEmbedded(
  from: StreamLog,
  { partitions, layout, directory }: CopyOptions,
): Promise<void> {
  let time = 0
  const to = openEmbeddedLog({ directory, mode: 'group', clock: () => time })
  try {
    to.writeMeta('topology', { evaluators: layout.evaluators })
    for (const of of partitions) {
      for await (const batch of sameTime(from, of)) {
        time = batch.appendTime
        await to.append(of, batch.records)
      }
      to.commit()
    }
  } finally {
    await to.close()
  }
}

interface SameTime {
  readonly appendTime: number
  readonly records: readonly RecordToAppend[]
}

/** What was appended at one time. A record batch has one time, so that none is cut. */
async function* sameTime(log: StreamLog, of: PartitionId): AsyncGenerator<SameTime> {
  let records: RecordToAppend[] = []
  let appendTime = 0
  for await (const record of recordsOf(log, of)) {
    if (record.appendTime !== appendTime && records.length > 0) {
      yield { appendTime, records }
      records = []
    }
    appendTime = record.appendTime
    records.push({ key: record.key, value: record.value })
  }
  if (records.length > 0) yield { appendTime, records }
}
