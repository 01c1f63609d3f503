import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { after, tick } from '@sluice/testkit/given'
import { BTC, component, configured, listing, priced, round, sourcesSet } from './fixtures.ts'

describe('the index', () => {
  test('is the weighted mean of a complete round, priced with its last source', () => {
    configured()
      .given(component('alpha', 10_000, 1_000), component('beta', 10_010, 1_000))
      .when(component('gamma', 10_030, 1_000))
      .thenEvents([
        { type: 'IndexPriceUpdated', instrument: BTC, indexTicks: 10_018, sourceCount: 3 },
        {
          type: 'PriceQualityChanged',
          instrument: BTC,
          from: 'stale',
          to: 'good',
          reason: 'quorum_fresh',
        },
        {
          type: 'MarkPriceUpdated',
          instrument: BTC,
          markTicks: 10_018,
          indexTicks: 10_018,
          fundingPriceTicks: 10_018,
          basisPriceTicks: 10_018,
          lastPriceTicks: null,
          quality: 'good',
        },
      ])
  })

  test('names the component prices it is made of, newest first', () => {
    const { driver } = configured().given(
      component('beta', 10_000, 900),
      component('alpha', 10_000, 950),
      component('gamma', 10_000, 1_000),
    )
    const index = driver.events.find(event => event.type === 'IndexPriceUpdated')
    expect(index?.meta.causeIds).toEqual(['market-data-0@2', 'market-data-0@1', 'market-data-0@0'])
  })

  test('waits one interval for the rest of the first round, then counts the missing as stale', () => {
    configured()
      .given(component('alpha', 10_000, 400), component('beta', 10_010, 500))
      .when(tick(999))
      .thenNothing()
      .when(tick(1_000))
      .thenContaining([
        { type: 'PriceSourceExcluded', source: 'gamma', reason: 'stale', priceTicks: null },
        { type: 'IndexPriceUpdated', indexTicks: 10_005, sourceCount: 2 },
        { type: 'PriceQualityChanged', to: 'good' },
      ])
  })

  test('does not move for one source alone until the others had an interval to follow', () => {
    priced()
      .when(component('alpha', 10_100, 1_100), component('alpha', 10_080, 1_900))
      .when(tick(2_099))
      .thenNothing()
      .when(tick(2_100))
      .thenMatching([
        { type: 'IndexPriceUpdated', indexTicks: 10_020 },
        { type: 'MarkPriceUpdated', markTicks: 10_020 },
      ])
  })

  test('leaves an outlying source out and takes it back when it agrees again', () => {
    priced()
      .when(...round(2_000, [10_500, 10_000, 10_000]))
      .thenEvents([
        {
          type: 'PriceSourceExcluded',
          instrument: BTC,
          source: 'alpha',
          reason: 'outlier',
          priceTicks: 10_500,
          medianTicks: 10_000,
        },
      ])
      .when(...round(3_000, [10_000, 10_000, 10_000]))
      .thenEvents([{ type: 'PriceSourceRestored', instrument: BTC, source: 'alpha' }])
  })

  test('leaves a source out once it is older than its greatest age, and not before', () => {
    priced()
      .given(component('beta', 10_000, 9_000), component('gamma', 10_000, 9_500))
      .when(after(11_000 - 9_500))
      .thenState(state => {
        expect(state.byName.get(BTC)?.sources[0]?.excludedFor).toBeNull()
      })
      .when(tick(11_001))
      .thenContaining([{ type: 'PriceSourceExcluded', source: 'alpha', reason: 'stale' }])
  })

  test('keeps its last value when the last source goes stale', () => {
    const { driver } = priced().given(after(10_001))
    expect(driver.state.byName.get(BTC)).toMatchObject({ indexTicks: 10_000, quality: 'stale' })
  })

  test('keeps what is known of a source through a new version of the record', () => {
    const sources = [
      { source: 'delta', weight: 1 },
      { source: 'alpha', weight: 1 },
    ]
    priced()
      .given(sourcesSet({ version: 2, sources }))
      .when(component('delta', 10_008, 2_000), tick(2_000))
      .thenContaining([{ type: 'IndexPriceUpdated', indexTicks: 10_004, sourceCount: 2 }])
  })

  test('starts anew when the instrument gets another tick size', () => {
    priced()
      .given(listing({ version: 2, tickSize: new Decimal('0.01') }))
      .when(...round(2_000, [100_000, 100_000, 100_000]))
      .thenMatching([
        { type: 'IndexPriceUpdated', indexTicks: 100_000 },
        { type: 'MarkPriceUpdated', markTicks: 100_000 },
      ])
  })
})
