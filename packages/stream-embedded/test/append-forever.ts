import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'

/**
 * A process to be killed: when its input says so, it opens the log and appends to two partitions until its end (or for a number of rounds), and says on its standard output what was answered, one line
 * `<partition> <base offset> <records>` each. A record's value is its partition and offset, repeated.
 */
const [directory = '', mode = 'each', rounds = 'Infinity'] = process.argv.slice(2)
await once(process.stdin, 'data')
const log = openEmbeddedLog({
  directory,
  clock: Date.now,
  mode: mode === 'group' ? 'group' : 'each',
})

async function append(partition: number, count: number): Promise<string> {
  const of = { topic: 'killed', partition }
  const end = await log.end(of)
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.alloc(20 + ((end + index) % 5) * 1500, `${partition}@${end + index} `),
  }))
  const base = await log.append(of, records)
  return `${partition} ${base} ${count}\n`
}

for (let round = 0; round < Number(rounds); round += 1) {
  const lines = await Promise.all([append(0, 1 + (round % 7)), append(1, 1 + (round % 3))])
  if (mode === 'group') log.commit()
  writeSync(1, lines.join(''))
}
await log.close()
process.exit()
