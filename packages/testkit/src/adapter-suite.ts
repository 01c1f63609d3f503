import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { LogRecord, PartitionId, RecordToAppend, StreamLog } from '@sluice/stream-runtime/log'

/** One log under test, empty, with the means to open it once more and to throw it away. */
export interface LogUnderTest {
  readonly log: StreamLog
  /** A second handle on the same log, while the first stays in use. Left out where handles are not shared. */
  readonly second?: () => Promise<StreamLog>
  /** Closes all handles and opens the log again, as a new process would. Left out where nothing outlives the handle. */
  readonly reopen?: () => Promise<StreamLog>
  /** Closes everything and removes what was stored. */
  readonly dispose: () => Promise<void>
}

export interface AdapterSuiteOptions {
  /** Sets what the log's clock says next, in milliseconds; left out where the log's clock cannot be set. */
  readonly setClock?: (time: number) => void
}

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
const TRADES: PartitionId = { topic: 'trades', partition: 3 }
const UNWRITTEN: PartitionId = { topic: 'trades', partition: 0 }
const FEW = [ORDERS, UNWRITTEN, TRADES]
const MANY = Array.from({ length: 60 }, (_, partition) => ({ topic: 'many', partition }))
const MEGABYTE = 1024 * 1024

/** Opens a log that is empty and has these partitions at least. */
export type OpenLog = (partitions: readonly PartitionId[]) => Promise<LogUnderTest>

/** What every `StreamLog` must do, as one Jest suite over a newly opened log per test. */
export function describeStreamLog(
  name: string,
  open: OpenLog,
  options: AdapterSuiteOptions = {},
): void {
  describe(name, () => {
    describeOpened(FEW, open, under => {
      describeOffsets(under)
      describeContents(under)
      describeReading(under)
      describeTime(under, options)
      describeWaiting(under)
      describeHandles(under)
    })
    describeOpened(MANY, open, describePartitions)
  })
}

function describeOpened(
  partitions: readonly PartitionId[],
  open: OpenLog,
  body: (under: () => LogUnderTest) => void,
): void {
  describe(`with ${partitions.length} partitions`, () => {
    let under: LogUnderTest
    beforeEach(async () => {
      under = await open(partitions)
    })
    afterEach(async () => {
      await under.dispose()
    })
    body(() => under)
  })
}

function describeOffsets(under: () => LogUnderTest): void {
  test('offsets begin at 0 and have no gaps, whatever the size of the batches', async () => {
    const { log } = under()
    expect(await log.append(ORDERS, texts('a'))).toBe(0)
    expect(await log.append(ORDERS, texts('b', 'c', 'd'))).toBe(1)
    expect(await log.append(ORDERS, texts('e'))).toBe(4)
    const records = await readAll(log, ORDERS)
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4])
    expect(records.map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('partitions are independent, and one never written is empty', async () => {
    const { log } = under()
    await log.append(ORDERS, texts('a'))
    expect(await log.append(TRADES, texts('x', 'y'))).toBe(0)
    expect(await log.end(ORDERS)).toBe(1)
    expect(await log.end(TRADES)).toBe(2)
    expect(await log.end(UNWRITTEN)).toBe(0)
    expect(await log.read(UNWRITTEN, 0, 10)).toEqual([])
  })
}

function describePartitions(under: () => LogUnderTest): void {
  test('many partitions written in turn keep their own order', async () => {
    const { log } = under()
    for (const round of [0, 1, 2]) {
      const appends = MANY.map(of => log.append(of, texts(`${of.partition}-${round}`)))
      expect(await Promise.all(appends)).toEqual(MANY.map(() => round))
    }
    for (const of of MANY) {
      const expected = [0, 1, 2].map(round => `${of.partition}-${round}`)
      expect((await readAll(log, of)).map(textOf)).toEqual(expected)
    }
  })
}

function describeContents(under: () => LogUnderTest): void {
  test('keys, null keys, empty keys, empty values and large values come back byte for byte', async () => {
    const { log } = under()
    const large = Uint8Array.from({ length: MEGABYTE }, (_, index) => (index * 31) % 251)
    const batch: RecordToAppend[] = [
      { key: null, value: bytes('no key') },
      { key: bytes(''), value: bytes('empty key') },
      { key: bytes('ключ'), value: bytes('') },
      { key: null, value: bytes('') },
      { key: Uint8Array.of(0, 255, 0), value: large },
    ]
    await log.append(ORDERS, batch)
    expect((await readAll(log, ORDERS)).map(contentOf)).toEqual(batch.map(contentOf))
  })

  test('a batch of thousands of records is kept as one run of offsets', async () => {
    const { log } = under()
    const values = Array.from({ length: 5000 }, (_, index) => `value ${index}`)
    await log.append(ORDERS, texts('before'))
    expect(await log.append(ORDERS, texts(...values))).toBe(1)
    expect((await readAll(log, ORDERS)).map(textOf)).toEqual(['before', ...values])
  })

  test('appends to one partition that are under way at once are placed in the order they were made', async () => {
    const { log } = under()
    const appends = Array.from({ length: 20 }, (_, n) =>
      log.append(ORDERS, texts(`${n}a`, `${n}b`)),
    )
    expect(await Promise.all(appends)).toEqual(appends.map((_, n) => n * 2))
    const expected = appends.flatMap((_, n) => [`${n}a`, `${n}b`])
    expect((await readAll(log, ORDERS)).map(textOf)).toEqual(expected)
  })

  test('an append of no records is refused', async () => {
    await expect(under().log.append(ORDERS, [])).rejects.toThrow()
    expect(await under().log.end(ORDERS)).toBe(0)
  })
}

function describeReading(under: () => LogUnderTest): void {
  test('a limit cuts within a batch, and reading goes on where it stopped', async () => {
    const { log } = under()
    await log.append(ORDERS, texts('a', 'b', 'c', 'd', 'e'))
    await log.append(ORDERS, texts('f'))
    expect((await log.read(ORDERS, 0, 2)).map(textOf)).toEqual(['a', 'b'])
    expect((await log.read(ORDERS, 2, 2)).map(textOf)).toEqual(['c', 'd'])
    for (const limit of [1, 2, 3, 4, 7]) {
      const records = await readAll(log, ORDERS, limit)
      expect(records.map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    }
  })

  test('a read at the end is empty, and one beyond it or below 0 is an error', async () => {
    const { log } = under()
    await log.append(ORDERS, texts('a', 'b'))
    expect(await log.read(ORDERS, 2, 10)).toEqual([])
    const outOfRange = { name: 'OffsetOutOfRangeError' }
    await expect(log.read(ORDERS, 3, 10)).rejects.toMatchObject(outOfRange)
    await expect(log.read(ORDERS, -1, 10)).rejects.toMatchObject(outOfRange)
    await expect(log.read(TRADES, 1, 10)).rejects.toMatchObject(outOfRange)
  })

  test('nowhere but behind the last record is the end said to be known', async () => {
    const { log } = under()
    await log.append(ORDERS, texts('a', 'b'))
    await log.append(ORDERS, texts('c'))
    for (const offset of [0, 1, 2]) expect(log.isKnownEnd(ORDERS, offset)).toBe(false)
    const wasKnown = log.isKnownEnd(ORDERS, 3)
    await log.append(ORDERS, texts('d'))
    expect(log.isKnownEnd(ORDERS, 3)).toBe(false)
    expect(log.isKnownEnd(ORDERS, 4)).toBe(wasKnown)
  })

  test('what an append answered for is read by whoever reads next', async () => {
    const { log } = under()
    for (const text of ['a', 'b', 'c']) {
      const offset = await log.append(ORDERS, texts(text))
      expect(await log.end(ORDERS)).toBe(offset + 1)
      expect((await log.read(ORDERS, offset, 10)).map(textOf)).toEqual([text])
    }
  })
}

function describeTime(under: () => LogUnderTest, { setClock }: AdapterSuiteOptions): void {
  test('append time never falls within a partition, and is one for a batch', async () => {
    const { log } = under()
    const clock = [1000, 1005, 900, 1006.7]
    for (const time of clock) {
      setClock?.(time)
      await log.append(ORDERS, texts('a', 'b'))
    }
    const times = (await readAll(log, ORDERS)).map(({ appendTime }) => appendTime)
    expect(times.every(Number.isSafeInteger)).toBe(true)
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    for (let batch = 0; batch < clock.length; batch += 1) {
      expect(times[2 * batch]).toBe(times[2 * batch + 1])
    }
    if (setClock !== undefined) expect(new Set(times)).toEqual(new Set([1000, 1005, 1006]))
  })
}

function describeWaiting(under: () => LogUnderTest): void {
  test('changed wakes on an append to any partition, and waits without one', async () => {
    const { log } = under()
    await log.append(ORDERS, texts('before'))
    let woken = false
    const changed = log.changed(new AbortController().signal).then(() => {
      woken = true
    })
    await log.end(ORDERS)
    expect(woken).toBe(false)
    await log.append(TRADES, texts('after'))
    await changed
    expect(woken).toBe(true)
  })

  test('changed ends when its signal aborts, before or while it waits', async () => {
    const { log } = under()
    await log.changed(AbortSignal.abort())
    const controller = new AbortController()
    const changed = log.changed(controller.signal)
    controller.abort()
    await changed
  })
}

function describeHandles(under: () => LogUnderTest): void {
  test('appends from two handles serialise, and each reads the other', async () => {
    const { log, second } = under()
    const other = await second?.()
    if (other === undefined) return
    const offsets: number[] = []
    for (let round = 0; round < 10; round += 1) {
      offsets.push(await log.append(ORDERS, texts('one')))
      expect(await other.end(ORDERS)).toBe(round * 4 + 1)
      offsets.push(...(await Promise.all([log, other].map(h => h.append(ORDERS, texts('two'))))))
      offsets.push(await other.append(ORDERS, texts('three')))
    }
    expect([...offsets].sort((a, b) => a - b)).toEqual(offsets.map((_, index) => index))
    const [left, right] = await Promise.all([readAll(log, ORDERS), readAll(other, ORDERS)])
    expect(left.map(contentOf)).toEqual(right.map(contentOf))
    expect(left.map(textOf).slice(0, 4)).toEqual(['one', 'two', 'two', 'three'])
  })

  test('changed wakes on an append by another handle', async () => {
    const { log, second } = under()
    const other = await second?.()
    if (other === undefined) return
    await log.end(ORDERS)
    const changed = log.changed(new AbortController().signal)
    await other.append(ORDERS, texts('a'))
    await changed
    expect((await log.read(ORDERS, 0, 1)).map(textOf)).toEqual(['a'])
  })

  test('what was answered is there after the log was closed and opened again, and offsets go on', async () => {
    const { log, reopen } = under()
    if (reopen === undefined) return
    await log.append(ORDERS, texts('a', 'b'))
    await log.append(TRADES, texts('x'))
    const before = await readAll(log, ORDERS)
    const again = await reopen()
    expect((await readAll(again, ORDERS)).map(wholeOf)).toEqual(before.map(wholeOf))
    expect(await again.append(ORDERS, texts('c'))).toBe(2)
    expect(await again.append(TRADES, texts('y'))).toBe(1)
  })
}

const texts = (...values: readonly string[]): RecordToAppend[] =>
  values.map(value => ({ key: null, value: bytes(value) }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const textOf = ({ value }: LogRecord): string => new TextDecoder().decode(value)

const hexOf = (part: Uint8Array | null) => part && Buffer.from(part).toString('hex')

const contentOf = ({ key, value }: RecordToAppend) => ({ key: hexOf(key), value: hexOf(value) })

const wholeOf = (record: LogRecord) => ({
  ...contentOf(record),
  offset: record.offset,
  appendTime: record.appendTime,
})

async function readAll(log: StreamLog, of: PartitionId, limit = 1000): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (;;) {
    const next = await log.read(of, records.length, limit)
    if (next.length === 0) return records
    expect(next.length).toBeLessThanOrEqual(limit)
    records.push(...next)
  }
}
