import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Bar } from '../src/bars.ts'
import { bridge } from '../src/bridge.ts'
import { Random } from '../src/random.ts'

const SEED = 20_260_103
const RUNS = process.env['SLUICE_LONG'] === undefined ? 150 : 50_000

const bars: fc.Arbitrary<Bar> = fc
  .tuple(
    fc.double({ min: 0.000_01, max: 200_000, noNaN: true }),
    fc.double({ min: 1, max: 1.5, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([low, width, opened, closed]) => {
    const high = low * width
    const inside = (part: number): number =>
      Math.min(high, Math.max(low, low + (high - low) * part))
    return { openTime: 0, low, high, open: inside(opened), close: inside(closed), silent: false }
  })

describe('the bridge from bars to ticks', () => {
  test('touches open first and close last, both extremes, and never leaves the range', () => {
    fc.assert(
      fc.property(bars, fc.integer({ min: 4, max: 120 }), fc.integer(), (bar, ticks, seed) => {
        const prices = bridge(bar, ticks, new Random(seed, 'test'))
        expect(prices).toHaveLength(ticks)
        expect(prices[0]).toBe(bar.open)
        expect(prices[ticks - 1]).toBe(bar.close)
        expect(Math.max(...prices)).toBe(bar.high)
        expect(Math.min(...prices)).toBe(bar.low)
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('goes to the extreme nearer to the open first', () => {
    const near = { openTime: 0, open: 101, high: 120, low: 100, close: 110, silent: false }
    const prices = [...bridge(near, 60, new Random(1, 'test'))]
    expect(prices.indexOf(100)).toBeLessThan(prices.indexOf(120))
    const far = { ...near, open: 119 }
    const others = [...bridge(far, 60, new Random(1, 'test'))]
    expect(others.indexOf(120)).toBeLessThan(others.indexOf(100))
  })

  test('an open outside the range is where it starts, as BitMEX writes it', () => {
    const bar = { openTime: 0, open: 99, high: 120, low: 100, close: 110, silent: false }
    const prices = bridge(bar, 60, new Random(1, 'test'))
    expect(prices[0]).toBe(99)
    expect(Math.min(...prices)).toBe(99)
    expect(Math.max(...prices)).toBe(120)
  })

  test('is a function of its seed', () => {
    const bar = { openTime: 0, open: 105, high: 120, low: 100, close: 110, silent: false }
    const first = bridge(bar, 60, new Random(7, 'test'))
    expect(bridge(bar, 60, new Random(7, 'test'))).toEqual(first)
    expect(bridge(bar, 60, new Random(8, 'test'))).not.toEqual(first)
  })

  test('refuses fewer ticks than there are points to touch', () => {
    const bar = { openTime: 0, open: 105, high: 120, low: 100, close: 110, silent: false }
    expect(() => bridge(bar, 3, new Random(1, 'test'))).toThrow(RangeError)
  })
})
