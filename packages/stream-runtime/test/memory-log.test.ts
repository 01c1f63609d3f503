import { describe, expect, test } from '@jest/globals'
import { describeStreamLog } from '@sluice/testkit/adapter-suite'
import { NoAnswerError } from '../src/log.ts'
import { MemoryLog, type AppendFault } from '../src/memory-log.ts'

let time = 0

describeStreamLog(
  'the log in memory',
  () => {
    time = 0
    const log = new MemoryLog({ clock: () => time })
    return Promise.resolve({ log, dispose: () => log.close() })
  },
  {
    setClock: now => {
      time = now
    },
  },
)

describe('faults on demand', () => {
  const P = { topic: 'orders', partition: 0 }
  const one = [{ key: null, value: Buffer.from('x') }]
  const withFault = (fault: AppendFault) =>
    new MemoryLog({ fault: append => (append === 0 ? fault : 'none') })

  test.each([
    ['lost', 0],
    ['answer_lost', 1],
    ['late', 0],
  ] as const)('an append that is %s is not answered and leaves %i records', async (fault, end) => {
    const log = withFault(fault)
    await expect(log.append(P, one)).rejects.toThrow(NoAnswerError)
    expect(await log.end(P)).toBe(end)
  })

  test('a late append lands after what came later', async () => {
    const log = withFault('late')
    await log.append(P, one).catch(() => undefined)
    expect(await log.append(P, one)).toBe(0)
    log.landLate()
    expect(await log.end(P)).toBe(2)
  })

  test('an append that lands twice is answered with the second copy', async () => {
    const log = withFault('twice')
    expect(await log.append(P, one)).toBe(1)
  })
})
