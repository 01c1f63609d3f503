import { describe, expect, test } from '@jest/globals'
import { tick } from '@sluice/testkit/given'
import { bookTop, configured, funding, priced, round, trade } from './fixtures.ts'

const HOUR = 3_600_000

describe('the mark', () => {
  test('is the median of index with funding, index plus basis, and last trade', () => {
    configured()
      .given(
        funding(500, '0.0008', 500 + 2 * HOUR),
        bookTop(500, 9_990, 10_000),
        trade(500, 10_050),
      )
      .when(...round(1_000, [10_000, 10_000, 10_000]))
      .thenContaining([
        {
          type: 'MarkPriceUpdated',
          indexTicks: 10_000,
          fundingPriceTicks: 10_002,
          basisPriceTicks: 9_995,
          lastPriceTicks: 10_050,
          markTicks: 10_002,
        },
      ])
  })

  test('averages the basis over its window and forgets samples that left it', () => {
    const { driver } = priced()
      .given(bookTop(2_000, 10_009, 10_011), ...round(2_000, [10_000, 10_000, 10_000]))
      .given(bookTop(3_000, 10_019, 10_021), ...round(3_000, [10_000, 10_000, 10_000]))
    const marks = () => driver.events.filter(event => event.type === 'MarkPriceUpdated')
    expect(marks().map(mark => mark.basisPriceTicks)).toEqual([10_000, 10_010, 10_015])
    driver.advanceTo(62_500)
    for (const { event, ...at } of round(62_600, [10_000, 10_000, 10_000])) driver.input(event, at)
    driver.tick(62_600)
    expect(marks().at(-1)?.basisPriceTicks).toBe(10_020)
  })

  test('takes no basis sample from a book that is one-sided or older than a last trade may be', () => {
    priced()
      .given(bookTop(1_500, 0, 10_100), ...round(2_000, [10_000, 10_000, 10_000]))
      .given(bookTop(2_500, 10_090, 10_110))
      .when(...round(8_000, [10_001, 10_001, 10_001]))
      .thenContaining([{ type: 'MarkPriceUpdated', basisPriceTicks: 10_001 }])
  })

  test('does without a last trade that is too old', () => {
    priced()
      .given(trade(1_500, 10_400))
      .when(...round(6_501, [10_001, 10_001, 10_001]))
      .thenContaining([{ type: 'MarkPriceUpdated', lastPriceTicks: null, markTicks: 10_001 }])
  })

  test('follows a venue that moves alone after two intervals', () => {
    priced()
      .given(bookTop(1_200, 10_099, 10_101), trade(1_200, 10_100))
      .when(tick(2_999))
      .thenNothing()
      .when(tick(3_000))
      .thenMatching([{ type: 'MarkPriceUpdated', markTicks: 10_100, indexTicks: 10_000 }])
  })

  test('is repeated after ten intervals when nothing changes', () => {
    priced({ sourceMaxAgeMs: 60_000 })
      .when(tick(10_999))
      .thenNothing()
      .when(tick(11_000))
      .thenMatching([{ type: 'MarkPriceUpdated', markTicks: 10_000, quality: 'good' }])
  })

  test('names the index event, the trade, the book and the funding it rests on', () => {
    const { driver } = configured().given(
      trade(500, 10_000),
      bookTop(600, 9_999, 10_001),
      funding(700, '0', HOUR),
      ...round(1_000, [10_000, 10_000, 10_000]),
    )
    const mark = driver.events.find(event => event.type === 'MarkPriceUpdated')
    expect(mark?.meta.causeIds).toEqual([
      'market-data-0@5',
      'price-0/1',
      'market-data-0@0',
      'market-data-0@1',
      'market-data-0@2',
    ])
  })
})
