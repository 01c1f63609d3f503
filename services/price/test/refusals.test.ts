import { describe, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { scenario } from '@sluice/testkit/given'
import { priceProcessor } from '../src/processor.ts'
import { DEFAULT_PRICE_SETTINGS } from '../src/settings.ts'
import {
  bookTop,
  component,
  configured,
  depth,
  halt,
  level,
  listing,
  priced,
  sourcesSet,
  trade,
} from './fixtures.ts'

describe('an input is refused', () => {
  test.each([
    ['a component', component('alpha', 10_000, 0)],
    ['a trade', trade(0, 10_000)],
    ['a book', bookTop(0, 1, 2)],
    ['a halt', halt(0)],
    ['a record of sources', sourcesSet()],
  ])('that is of an instrument nobody listed: %s', (_, input) => {
    scenario(priceProcessor(DEFAULT_PRICE_SETTINGS)).when(input).thenRefused('instrument_unknown')
  })

  test.each([
    ['source_unknown', component('omega', 10_000, 1)],
    ['number_out_of_range', component('alpha', 0, 1)],
    ['number_out_of_range', component('alpha', -5, 1)],
    ['number_out_of_range', trade(1, 0)],
    ['book_unsound', bookTop(1, 10_000, 10_000)],
    ['book_unsound', depth(1, [level(10_001, 1)], [level(10_000, 1)])],
    ['book_unsound', depth(1, [level(9_998, 1), level(9_999, 1)], [])],
    ['book_unsound', depth(1, [], [level(9_999, 1), level(9_999, 1)])],
    ['book_unsound', depth(1, [level(9_998, 0)], [])],
    ['book_unsound', depth(1, [level(0, 1)], [])],
  ])('with reason %s', (reason, input) => {
    configured().when(input).thenRefused(reason)
  })

  test.each([
    ['no source', { sources: [] }],
    ['a source named twice', { sources: [1, 2].map(weight => ({ source: 'alpha', weight })) }],
    ['a weight of zero', { sources: [{ source: 'alpha', weight: 0 }], quorum: 1 }],
    ['a quorum above the sources', { quorum: 4 }],
    ['a quorum of zero', { quorum: 0 }],
    ['an interval of zero', { markIntervalMs: 0 }],
    ['a window of more samples than are kept', { basisWindowMs: 20_000_000 }],
    ['an outlier rate of zero', { outlierRate: new Decimal(0) }],
    [
      'distances that do not rise',
      { liquidityDistanceRates: [new Decimal(1).div(10), new Decimal(0)] },
    ],
    ['no distance', { liquidityDistanceRates: [] }],
  ])('that sets prices to be made with %s', (_, nonsense) => {
    priced()
      .when(sourcesSet({ version: 2, ...nonsense }))
      .thenRefused('sources_unsound')
  })

  test('that is not newer than what is in force', () => {
    configured().when(sourcesSet()).thenRefused('version_behind')
    configured().when(listing()).thenRefused('version_behind')
  })
})
