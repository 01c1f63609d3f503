import { describe, test } from '@jest/globals'
import { tick } from '@sluice/testkit/given'
import {
  bookTop,
  component,
  halt,
  placedComponent,
  priced,
  resume,
  round,
  trade,
} from './fixtures.ts'

describe('the quality of a price', () => {
  test('is degraded while fewer sources than the quorum are fresh', () => {
    priced()
      .given(component('gamma', 10_000, 9_000))
      .when(tick(11_001))
      .thenContaining([
        { type: 'PriceQualityChanged', from: 'good', to: 'degraded', reason: 'below_quorum' },
        { type: 'MarkPriceUpdated', quality: 'degraded' },
      ])
  })

  test('is degraded while a source that counts is off in its own time', () => {
    priced()
      .given(component('alpha', 10_000, 2_000), component('beta', 10_000, 2_000))
      .when(placedComponent('gamma', 10_000, { sourceTime: 2_000 + 5_001, time: 2_000 }))
      .thenContaining([
        { type: 'PriceQualityChanged', to: 'degraded', reason: 'source_time_skewed' },
        { type: 'MarkPriceUpdated', quality: 'degraded' },
      ])
  })

  test('is stale when no source is fresh, and good again after the next round', () => {
    priced()
      .when(tick(11_001))
      .thenContaining([
        { type: 'PriceQualityChanged', from: 'good', to: 'stale', reason: 'no_fresh_source' },
        { type: 'MarkPriceUpdated', markTicks: 10_000, quality: 'stale' },
      ])
      .when(...round(13_000, [9_000, 9_000, 9_000]))
      .thenNothing()
      .when(tick(13_000))
      .thenContaining([
        { type: 'IndexPriceUpdated', indexTicks: 9_000 },
        { type: 'PriceQualityChanged', from: 'stale', to: 'good' },
        { type: 'MarkPriceUpdated', markTicks: 9_000, quality: 'good' },
      ])
  })

  test('gives a source that comes back alone one interval to be joined by others', () => {
    priced()
      .given(tick(11_001))
      .when(component('alpha', 9_000, 13_000), tick(13_999))
      .thenNothing()
      .when(tick(14_000))
      .thenContaining([{ type: 'PriceQualityChanged', from: 'stale', to: 'degraded' }])
  })

  test('is divergent when sources disagree until the quorum is lost', () => {
    priced()
      .when(...round(2_000, [10_000, 10_500, 11_000]))
      .thenContaining([
        { type: 'PriceQualityChanged', to: 'divergent', reason: 'sources_disagree' },
      ])
  })

  test('is divergent when the mark is further from the index than the limit', () => {
    priced()
      .given(bookTop(1_500, 10_599, 10_601), trade(1_500, 10_600))
      .when(...round(2_000, [10_000, 10_000, 10_000]))
      .thenContaining([
        { type: 'PriceQualityChanged', to: 'divergent', reason: 'mark_far_from_index' },
        { type: 'MarkPriceUpdated', markTicks: 10_600, quality: 'divergent' },
      ])
  })

  test('stays good when the mark is exactly at the limit', () => {
    priced()
      .given(bookTop(1_500, 10_499, 10_501), trade(1_500, 10_500))
      .when(...round(2_000, [10_000, 10_000, 10_000]))
      .thenMatching([{ type: 'MarkPriceUpdated', markTicks: 10_500, quality: 'good' }])
  })

  test('is halted at once, and the mark says so when its interval is over', () => {
    priced()
      .when(halt(1_100))
      .thenMatching([{ type: 'PriceQualityChanged', to: 'halted', reason: 'instrument_halted' }])
      .when(tick(2_000))
      .thenMatching([{ type: 'MarkPriceUpdated', markTicks: 10_000, quality: 'halted' }])
      .when(resume(2_500))
      .thenMatching([{ type: 'PriceQualityChanged', from: 'halted', to: 'good' }])
  })
})
