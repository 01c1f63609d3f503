import { describe, expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import { eventOfPlain } from '@sluice/contracts/plain'
import { DeadLetterForwarder, eachOnce, type DeadLetter } from '@sluice/stream-kafka/dead-letters'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { redrive, redrivenOf } from '../src/redrive.ts'
import { openTask } from '../src/tasks.ts'
import { mapTasks } from '../src/topology.ts'

const LAYOUT = { evaluators: 1 }
const ACCOUNTS = { topic: 'accounts', partition: 0 }
const TASKS = [{ topic: 'margin-evaluation', partition: 0 }]
const BY = { actor: 'ann', reason: 'sent again', approver: null }
const POISON = { key: Buffer.from('bob'), value: Buffer.from('not a record') }

/** A store as the topics on Kafka are one. */
class MemoryLetters {
  readonly letters: DeadLetter[] = []
  all(topic: string) {
    return Promise.resolve(this.letters.filter(letter => letter.topic === topic))
  }
  append(letter: DeadLetter) {
    this.letters.push(letter)
    return Promise.resolve()
  }
}

async function evaluate(log: MemoryLog): Promise<void> {
  const tasks = mapTasks(log, LAYOUT, definition => openTask(definition, {}))
  const task = tasks.find(({ name }) => name === 'margin-evaluation-0')!
  await task.start()
  while ((await task.step()).outcome !== 'waiting');
}

async function refusedWorld() {
  const log = new MemoryLog({ clock: () => 5_000 })
  await log.append(ACCOUNTS, [POISON])
  await evaluate(log)
  const store = new MemoryLetters()
  const forwarder = () => new DeadLetterForwarder({ log, store, tasks: TASKS })
  return { log, store, forwarder }
}

describe('The forwarder of dead letters', () => {
  test('copies what a task refused, with where it came from and why', async () => {
    const { store, forwarder } = await refusedWorld()
    expect(await forwarder().advance()).toBe(1)
    expect(store.letters).toMatchObject([
      {
        ...{ id: 'margin-evaluation-0/1', ...ACCOUNTS, offset: 0, appendTime: 5_000, ...POISON },
        ...{ reason: 'header_missing', attempts: 1 },
      },
    ])
  })

  test('adds nothing when it runs again, and goes on where it was', async () => {
    const { log, store, forwarder } = await refusedWorld()
    await forwarder().advance()
    expect(await forwarder().advance()).toBe(0)
    await log.append(ACCOUNTS, [POISON])
    await evaluate(log)
    const reads: number[] = []
    const read = log.read.bind(log)
    log.read = (from, offset, limit) => {
      if (from.topic === 'margin-evaluation') reads.push(offset)
      return read(from, offset, limit)
    }
    expect(await forwarder().advance()).toBe(1)
    expect(Math.min(...reads)).toBeGreaterThan(0)
    expect(store.letters.map(({ attempts }) => attempts)).toEqual([1, 2])
  })

  test('racing with another gives each dead letter once to who knows ids', async () => {
    const { store, forwarder } = await refusedWorld()
    const [one, other] = [forwarder(), forwarder()]
    await Promise.all([one.advance(), other.advance()])
    expect(eachOnce(store.letters)).toHaveLength(1)
  })

  test('does not forward a refusal whose receipt is void', async () => {
    const { log, store, forwarder } = await refusedWorld()
    const batch = await log.read(TASKS[0]!, 0, 10)
    await log.append(TASKS[0]!, batch)
    await forwarder().advance()
    expect(store.letters).toHaveLength(1)
  })

  test('says so when the record is gone', async () => {
    const { log, store, forwarder } = await refusedWorld()
    const read = log.read.bind(log)
    log.read = (from, offset, limit) =>
      from.topic === 'accounts' ? Promise.resolve([]) : read(from, offset, limit)
    await forwarder().advance()
    expect(store.letters).toMatchObject([{ appendTime: null, key: null }])
    const [letter] = store.letters
    await expect(redrive({ log, layout: LAYOUT, letter: letter!, by: BY })).rejects.toThrow(
      '--value',
    )
  })
})

describe('A redrive', () => {
  test('writes the record again once, and notes it', async () => {
    const { log, store, forwarder } = await refusedWorld()
    await forwarder().advance()
    const [letter] = store.letters
    const options = { log, layout: LAYOUT, letter: letter!, by: BY }
    expect(await redrive(options)).toBe('operations-0@0')
    expect(await redrive(options)).toBeNull()
    expect(await log.end(ACCOUNTS)).toBe(2)
    const [, again] = await log.read(ACCOUNTS, 0, 2)
    expect(Buffer.compare(again!.value, POISON.value)).toBe(0)
    const note = (await redrivenOf(log, LAYOUT)).get('margin-evaluation-0/1')
    expect(note).toMatchObject({ ...BY, topic: 'accounts', offset: 0 })
  })

  test('may write a corrected record', async () => {
    const { log, store, forwarder } = await refusedWorld()
    await forwarder().advance()
    const content = {
      currency: 'USD',
      ledgerSequence: 1,
      walletBalance: '1',
      positions: [],
      openOrders: [],
    }
    const value = encodeEvent(eventOfPlain({ type: 'AccountUpdated', account: 'bob', ...content }))
    const [letter] = store.letters
    await redrive({ log, layout: LAYOUT, letter: letter!, value, by: BY })
    await evaluate(log)
    expect(await forwarder().advance()).toBe(0)
  })
})
