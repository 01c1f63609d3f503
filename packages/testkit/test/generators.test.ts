import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeEvent, encodeEvent } from '@sluice/contracts/codec'
import { faultOfTiers } from '@sluice/domain/tiers'
import { comparable } from '@sluice/testkit/comparable'
import {
  accounts,
  INSTRUMENTS,
  instruments,
  propertyOptions,
  tierTables,
} from '@sluice/testkit/generators'

describe('generated', () => {
  test('tier tables are valid', () => {
    const property = fc.property(tierTables(), tiers => faultOfTiers(tiers) === undefined)
    fc.assert(property, propertyOptions())
  })

  test('accounts survive the codec', () => {
    const specs = fc.tuple(...INSTRUMENTS.map(instrument => instruments(instrument)))
    const events = specs.chain(all => accounts({ account: 'a'.repeat(22), specs: all }))
    const property = fc.property(events, event => {
      expect(comparable(decodeEvent(encodeEvent(event)))).toEqual(comparable(event))
    })
    fc.assert(property, propertyOptions())
  })
})
