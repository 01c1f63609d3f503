import { describe, expect, test } from '@jest/globals'
import { DecodingError } from '@sluice/contracts/codec-errors'
import type { InputRefused, SluiceEvent } from '@sluice/contracts/generated/events'
import { settingsHashOf, type TaskDefinition } from '../src/definition.ts'
import { openInput, type InputCodec } from '../src/inputs.ts'
import { decodeEvent } from '@sluice/contracts/codec'
import type { StreamLog } from '../src/log.ts'
import { MemoryLog } from '../src/memory-log.ts'
import { Task } from '../src/task.ts'
import { verifyTask } from '../src/verify.ts'
import { RulesChangedError } from '../src/errors.ts'
import { burst, counting, MARKET_DATA, PRICE, trade } from './counting.ts'

/** Lots separated by spaces; `kill` for an event of another topic. */
const words: InputCodec = {
  name: 'words 1',
  decode: ({ value }) =>
    Buffer.from(value)
      .toString()
      .split(' ')
      .filter(word => word !== '')
      .map(word => {
        if (word === 'kill') return burst(1)
        if (/^\d+$/.test(word)) return trade(Number(word))
        throw new DecodingError('bytes_malformed', `${word} is no number of lots`)
      }),
}

function reading(log: StreamLog, codec: InputCodec = words) {
  const definition = counting(log)
  const inputs = definition.inputs.map(input =>
    input.topic === 'market-data' ? { ...input, codec } : input,
  )
  return { ...definition, inputs }
}

const say = (log: StreamLog, text: string) =>
  log.append(MARKET_DATA, [{ key: Buffer.from('k'), value: Buffer.from(text) }])

async function folded(...texts: readonly string[]): Promise<StreamLog> {
  const log = new MemoryLog({ clock: () => 5 })
  for (const text of texts) await say(log, text)
  const task = new Task(reading(log))
  await task.start()
  while ((await task.step()).outcome !== 'waiting');
  return log
}

async function eventsOf(log: StreamLog): Promise<SluiceEvent[]> {
  const reader = openInput(log, { ...PRICE, ours: true })
  const events: SluiceEvent[] = []
  while (await reader.fill(1000))
    for (let next = reader.next(); next; next = reader.next()) events.push(decodeEvent(next.value))
  return events
}

async function verified<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
) {
  const walk = verifyTask(definition)
  for (;;) {
    const next = await walk.next()
    if (next.done === true) return next.value
  }
}

describe('an input that is not our Avro', () => {
  test('is folded event by event, in order, under the id of its one record', async () => {
    const log = await folded('', '1 1 1 1', '1 1')
    expect(await eventsOf(log)).toMatchObject([
      { source: 'lots 3', meta: { causeIds: ['market-data-0@1'] } },
      { source: 'lots 6', meta: { causeIds: ['market-data-0@2'] } },
    ])
  })

  test('is refused as a whole if it cannot be read, or one of its events belongs elsewhere', async () => {
    const log = await folded('1 1 1 one', '1 1 kill', '1 1 1')
    const events = (await eventsOf(log)) as InputRefused[]
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['InputRefused', 'bytes_malformed'],
      ['InputRefused', 'event_misplaced'],
      ['PriceSourceRestored', undefined],
    ])
    const { state } = await verified(reading(log))
    expect(state).toMatchObject({ lots: 3, refusedKeys: ['k', 'k'] })
  })

  test('replays to the byte with the same codec', async () => {
    const log = await folded('1 2 3', '4 5', '13 6 7')
    expect(await verified(reading(log))).toMatchObject({ state: { lots: 28, trades: 7 } })
  })

  test('is not replayed by another codec: how an input is read is a setting that decides', async () => {
    const log = await folded('1 2 3')
    const other = reading(log, { ...words, name: 'words 2' })
    await expect(verified(other)).rejects.toThrow(RulesChangedError)
    await expect(verified(counting(log))).rejects.toThrow(RulesChangedError)
  })

  test('leaves the hash of settings as it is where everything is our Avro', () => {
    const log = new MemoryLog()
    const { processor } = counting(log)
    expect(settingsHashOf(counting(log))).toBe(settingsHashOf({ processor, inputs: [] }))
    expect(settingsHashOf(reading(log))).not.toBe(settingsHashOf(counting(log)))
  })
})
