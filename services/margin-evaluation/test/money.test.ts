import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import fc from 'fast-check'
import { approximateMoney, fractionOf, isHoldable, moneyOf, wholeOf } from '../src/money.ts'

const UNITS_MAX = (2n ** 53n - 1n) * 10n ** 12n

/** Amounts of every size: digits first, so that small ones and round ones come often. */
const units = fc
  .tuple(fc.bigInt({ min: -UNITS_MAX, max: UNITS_MAX }), fc.nat(27))
  .map(([amount, digits]) => amount / 10n ** BigInt(digits))
const scaled = fc
  .tuple(units, fc.nat(12))
  .map(([amount, zeros]) => amount - (amount % 10n ** BigInt(zeros)))

const decimalOf = (amount: bigint) => new Decimal(amount.toString()).div('1e12')

describe('Money held in two doubles', () => {
  test('comes back to the last digit, and as a double within its last places', () => {
    fc.assert(
      fc.property(scaled, amount => {
        const money = decimalOf(amount)
        const [whole, fraction] = [wholeOf(money), fractionOf(money)]
        expect(isHoldable(money)).toBe(true)
        expect(moneyOf(whole, fraction).eq(money)).toBe(true)
        const error = Math.abs(approximateMoney(whole, fraction) - money.toNumber())
        expect(error).toBeLessThanOrEqual(2 ** -51 * Math.abs(money.toNumber()))
      }),
      { numRuns: 2_000, seed: 12 },
    )
  })

  test.each(['9007199254740992', '-1e16', '1e40', '0.0000000000001', '1.1234567890123'])(
    'does not take %s',
    text => expect(isHoldable(new Decimal(text))).toBe(false),
  )

  test.each(['9007199254740991.999999999999', '0', '-0.000000000001', '1e-7', '10000000'])(
    'takes %s',
    text => {
      const money = new Decimal(text)
      expect(isHoldable(money)).toBe(true)
      expect(moneyOf(wholeOf(money), fractionOf(money)).eq(money)).toBe(true)
    },
  )
})
