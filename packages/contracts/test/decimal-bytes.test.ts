import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import fc from 'fast-check'
import { DecimalFormat } from '../src/decimal-bytes.ts'

const money = new DecimalFormat(38, 12)
const rate = new DecimalFormat(18, 9)
const seed = 1729

/** The naive way: the unscaled integer as a bigint, cut into the fewest bytes that keep its sign. */
function bytesOf(unscaled: bigint): Buffer {
  let bytes = 1
  while (BigInt.asIntN(8 * bytes, unscaled) !== unscaled) bytes++
  const hex = BigInt.asUintN(8 * bytes, unscaled).toString(16)
  return Buffer.from(hex.padStart(2 * bytes, '0'), 'hex')
}

function written(format: DecimalFormat, value: Decimal): Buffer {
  const target = Buffer.alloc(40, 0xee)
  const length = format.write(value, target, 3)
  expect(target.subarray(3 + length).every(byte => byte === 0xee)).toBe(true)
  return target.subarray(3, 3 + length)
}

const integers = (digits: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 1, max: digits }).chain(length => {
    const limit = 10n ** BigInt(length) - 1n
    return fc.oneof(
      fc.bigInt({ min: -limit, max: limit }),
      fc.bigInt({ min: -limit, max: limit }).map(value => (value / 10_000_000n) * 10_000_000n),
      fc.integer({ min: 0, max: 8 * 15 }).map(bit => {
        const edge = 2n ** BigInt(bit)
        return edge > limit ? 1n : -edge
      }),
    )
  })

describe.each([
  ['money', money, 38],
  ['a rate', rate, 18],
  ['a whole number', new DecimalFormat(38, 0), 38],
  ['seven digits after the point', new DecimalFormat(30, 7), 30],
])('%s', (_name, format, digits) => {
  test('has the bytes that a bigint gives, and comes back from them', () => {
    const property = fc.property(integers(digits), unscaled => {
      const value = new Decimal(`${unscaled}e-${format.scale}`)
      const bytes = written(format, value)
      expect(bytes.toString('hex')).toBe(bytesOf(unscaled).toString('hex'))
      const back = format.read(bytes, 0, bytes.length)
      expect([back.s, back.e, back.d]).toEqual([unscaled === 0n ? 1 : value.s, value.e, value.d])
    })
    fc.assert(property, {
      numRuns: process.env['SLUICE_LONG'] === undefined ? 500 : 200_000,
      seed,
    })
  })
})

describe('a decimal', () => {
  test('of more bytes than needed is read all the same', () => {
    expect(money.read(Buffer.from('0000000000000000e8d4a51000', 'hex'), 0, 13).toString()).toBe('1')
    expect(money.read(Buffer.from('ffffffff172b5af000', 'hex'), 0, 9).toString()).toBe('-1')
  })

  test('of zero is one byte, also when it is negative', () => {
    expect(written(money, new Decimal(0))).toEqual(Buffer.from([0]))
    expect(written(money, new Decimal('-0'))).toEqual(Buffer.from([0]))
  })

  test.each([
    ['0.000000000001', undefined],
    ['0.0000000000001', 'scale_too_fine'],
    ['1e-30', 'scale_too_fine'],
    ['123.0000000000001', 'scale_too_fine'],
    ['99999999999999999999999999.999999999999', undefined],
    ['1e26', 'too_many_digits'],
    ['Infinity', 'not_finite'],
    ['NaN', 'not_finite'],
  ])('%s as money: %s', (text, fault) => {
    expect(money.faultOf(new Decimal(text))).toBe(fault)
  })
})
