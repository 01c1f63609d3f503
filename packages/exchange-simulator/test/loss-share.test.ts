import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { proRata } from '../src/loss-share.ts'

const SEED = 20_260_104

test('a loss is split exactly, in proportion, and nobody pays more than is available', () => {
  const winners = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { maxLength: 30 })
  fc.assert(
    fc.property(winners, fc.bigInt({ min: 0n, max: 10n ** 19n }), (available, units) => {
      const list = available.map((availableUnits, index) => ({
        scope: `w${index}`,
        availableUnits,
      }))
      const total = available.reduce((sum, one) => sum + one, 0n)
      const wanted = units < total ? units : total
      const shares = proRata(units, list)
      expect(shares.reduce((sum, share) => sum + share.units, 0n)).toBe(wanted)
      for (const share of shares) {
        const winner = list.find(one => one.scope === share.scope)!
        expect(share.units <= winner.availableUnits).toBe(true)
        const exact = total === 0n ? 0n : (wanted * winner.availableUnits) / total
        expect(share.units - exact <= 1n).toBe(true)
      }
    }),
    { seed: SEED, numRuns: process.env['SLUICE_LONG'] === undefined ? 300 : 20_000 },
  )
})
