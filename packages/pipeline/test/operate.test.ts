import { describe, expect, test } from '@jest/globals'
import { decodeEvent, encodeEvent } from '@sluice/contracts/codec'
import { eventOfPlain } from '@sluice/contracts/plain'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { sampleEvent } from '../../contracts/scripts/sample-events.ts'
import {
  checkOperation,
  checkPolicyKnown,
  OperationRefusedError,
  writeOperation,
  type OperatorEvent,
} from '../src/operate.ts'

const LAYOUT = { evaluators: 1 }
const RELEASE: OperatorEvent = {
  type: 'KillSwitchReleased',
  ...{ actor: 'ann', reason: 'drill over', approver: null, expiresAt: null },
}
const rules = { approved: new Set<string>(), now: 1_000 }

describe('What a person decides', () => {
  test('is written once it is sound, and answers the id of its record', async () => {
    const log = new MemoryLog()
    expect(() => checkOperation(RELEASE, rules)).not.toThrow()
    expect(await writeOperation(log, LAYOUT, RELEASE)).toBe('operations-0@0')
    expect(await writeOperation(log, LAYOUT, RELEASE)).toBe('operations-0@1')
    const [record] = await log.read({ topic: 'operations', partition: 0 }, 0, 1)
    expect(Buffer.from(record!.key!).toString()).toBe('ann')
    expect(decodeEvent(record!.value)).toMatchObject({ ...RELEASE })
  })

  test('is written again if nobody answers', async () => {
    const log = new MemoryLog({ fault: append => (append === 0 ? 'answer_lost' : 'none') })
    expect(await writeOperation(log, LAYOUT, RELEASE)).toBe('operations-0@1')
  })

  test.each<[string, OperatorEvent, string]>([
    ['without a reason', { ...RELEASE, reason: ' ' }, 'say who decides'],
    ['approved by the actor', { ...RELEASE, approver: 'ann' }, 'name somebody else'],
    ['without the approver asked for', RELEASE, 'a second approver'],
    ['lapsed', { ...RELEASE, approver: 'bob', expiresAt: 1_000 }, 'which is over'],
  ])('is refused %s', (_, event, message) => {
    const strict = { ...rules, approved: new Set(['KillSwitchReleased']) }
    expect(() => checkOperation(event, strict)).toThrow(OperationRefusedError)
    expect(() => checkOperation(event, strict)).toThrow(message)
  })

  test('activates only a policy that has been set', async () => {
    const log = new MemoryLog()
    const activated = { policy: 'standard', version: 2 }
    await expect(checkPolicyKnown(log, LAYOUT, activated)).rejects.toThrow('holds none')
    const schema = SCHEMAS.find(entry => entry.schema.name === 'LiquidationPolicySet')!.schema
    const record = eventOfPlain({ ...sampleEvent(schema, 'full'), ...activated })
    const key = Buffer.from('standard')
    await log.append({ topic: 'reference-data', partition: 0 }, [
      { key, value: Buffer.from('?') },
      { key, value: encodeEvent(record) },
    ])
    await expect(checkPolicyKnown(log, LAYOUT, activated)).resolves.toBeUndefined()
    const other = checkPolicyKnown(log, LAYOUT, { ...activated, version: 3 })
    await expect(other).rejects.toThrow(
      'no policy standard 3 has been set; reference-data holds standard 2',
    )
  })
})
