import { describe, expect, test } from '@jest/globals'
import type {
  BookDepthChanged,
  BookLevel,
  BookSnapshotTaken,
} from '@sluice/contracts/generated/events'
import { driveProcessor, placed, tick } from '@sluice/testkit/given'
import fc from 'fast-check'
import { priceProcessor } from '../src/processor.ts'
import { DEFAULT_PRICE_SETTINGS } from '../src/settings.ts'
import { BTC, configured, depth, level, listing, priced, sourcesSet } from './fixtures.ts'

const SEED = 20_240_808
const RUNS = process.env['SLUICE_LONG'] === undefined ? 40 : 2_000

type Pairs = readonly (readonly [number, number])[]
const levels = (pairs: Pairs): BookLevel[] => pairs.map(([ticks, lots]) => level(ticks, lots))

const whole = (updateId: number, bids: Pairs, asks: Pairs): BookSnapshotTaken => ({
  type: 'BookSnapshotTaken',
  instrument: BTC,
  updateId,
  bids: levels(bids),
  asks: levels(asks),
})

const change = (
  [previousUpdateId, lastUpdateId]: readonly [number, number],
  bids: Pairs,
  asks: Pairs = [],
): BookDepthChanged => ({
  type: 'BookDepthChanged',
  instrument: BTC,
  previousUpdateId,
  lastUpdateId,
  bids: levels(bids),
  asks: levels(asks),
})

const at = <In>(time: number, event: In) => placed(event, { time })

const NOTHING = { bidTicks: 0, askTicks: 0 }

/** A book of two levels a side that stands at update 10. */
const standing = () =>
  configured().given(
    whole(
      10,
      [
        [9_999, 10],
        [9_998, 20],
      ],
      [
        [10_001, 10],
        [10_002, 20],
      ],
    ),
  )

describe('a book of changes', () => {
  test('goes on from a whole book: levels come, change and go', () => {
    standing()
      .given(
        at(
          2_000,
          change(
            [10, 12],
            [
              [10_000, 5],
              [9_998, 0],
              [9_997, 7],
            ],
            [[10_002, 40]],
          ),
        ),
      )
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book).toMatchObject({
          status: 'known',
          updateId: 12,
          bids: { ticks: [10_000, 9_999, 9_997], lots: [5, 10, 7] },
          asks: { ticks: [10_001, 10_002], lots: [10, 40] },
        })
      })
  })

  test('is summed as it is when its interval is over', () => {
    standing()
      .when(
        at(1_300, change([10, 11], [[9_999, 0]])),
        at(1_600, change([11, 12], [[9_998, 50]])),
        tick(2_000),
      )
      .thenContaining([{ type: 'BookLiquidityUpdated', bidTicks: 9_998 }])
  })

  test('passes over what it has already, and takes a change that begins before it', () => {
    standing()
      .given(
        at(1_100, change([8, 10], [[9_999, 1]])),
        at(1_200, change([9, 11], [[9_999, 2]])),
        at(1_300, change([8, 10], [[9_999, 1]])),
      )
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book.bids.lots).toEqual([2, 20])
        expect(byName.get(BTC)?.book.updateId).toBe(11)
      })
  })

  test('is distrusted at a gap, and its liquidity is nothing at once', () => {
    standing()
      .when(at(1_100, change([11, 12], [[9_999, 1]])))
      .thenMatching([
        {
          type: 'BookDistrusted',
          reason: 'updates_missing',
          updateId: 10,
          nextUpdateId: 11,
        },
        { type: 'BookLiquidityUpdated', ...NOTHING },
      ])
      .when(at(1_200, change([12, 13], [[9_999, 1]])))
      .thenNothing()
  })

  test('is trusted again with the next whole book and the kept changes that follow it', () => {
    standing()
      .given(
        at(1_100, change([11, 12], [[9_999, 1]])),
        at(1_200, change([12, 14], [[9_999, 3]])),
        at(1_300, change([14, 15], [[10_000, 4]])),
      )
      .when(at(2_300, whole(13, [[9_999, 2]], [[10_001, 1]])))
      .thenMatching([
        { type: 'BookTrusted', updateId: 15 },
        { type: 'BookLiquidityUpdated', bidTicks: 10_000, askTicks: 10_001 },
      ])
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book.bids).toEqual({ ticks: [10_000, 9_999], lots: [4, 3] })
      })
  })

  test('stays distrusted with a whole book that the kept changes do not reach', () => {
    standing()
      .given(at(1_100, change([15, 16], [[9_999, 1]])))
      .when(at(1_200, whole(12, [[9_999, 2]], [[10_001, 1]])))
      .thenNothing()
      .when(at(1_300, whole(16, [[9_999, 2]], [[10_001, 1]])))
      .thenContaining([{ type: 'BookTrusted', updateId: 16 }])
  })

  test('cannot begin with changes: they are kept until a whole book comes', () => {
    configured()
      .when(change([10, 11], [[9_999, 1]]))
      .thenMatching([
        { type: 'BookDistrusted', reason: 'snapshot_missing', updateId: null, nextUpdateId: 10 },
      ])
      .when(whole(10, [], [[10_001, 1]]))
      .thenMatching([
        { type: 'BookTrusted', updateId: 11 },
        { type: 'BookLiquidityUpdated', bidTicks: 9_999 },
      ])
  })

  test('cannot go on from a whole book that has no number', () => {
    configured()
      .given(depth(1_000, levels([[9_999, 1]]), levels([[10_001, 1]])))
      .when(at(1_100, change([10, 11], [[9_999, 2]])))
      .thenContaining([{ type: 'BookDistrusted', reason: 'snapshot_missing' }])
  })

  test('is distrusted when it crosses', () => {
    standing()
      .when(at(1_100, change([10, 11], [[10_001, 1]])))
      .thenMatching([
        { type: 'BookDistrusted', reason: 'book_crossed' },
        { type: 'BookLiquidityUpdated', ...NOTHING },
      ])
  })

  test('passes over an older whole book, unless changes go on from there: the venue counts anew', () => {
    standing()
      .given(at(1_100, whole(3, [[9_990, 1]], [[9_991, 1]])), at(1_200, change([10, 11], [])))
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book).toMatchObject({ updateId: 11, older: null })
      })
    standing()
      .given(
        at(1_100, whole(3, [[9_990, 1]], [[9_991, 1]])),
        at(1_200, change([3, 4], [[9_989, 8]])),
      )
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book).toMatchObject({
          status: 'known',
          updateId: 4,
          bids: { ticks: [9_990, 9_989], lots: [1, 8] },
        })
      })
  })

  test('gives no basis while it is distrusted', () => {
    priced()
      .given(whole(10, [[9_999, 1]], [[10_001, 1]]), change([11, 12], []))
      .thenState(({ byName }) => {
        expect(byName.get(BTC)).toMatchObject(NOTHING)
      })
  })

  test('takes a change that counts anew where the book stands, and a gap for what it is', () => {
    standing()
      .given(at(1_100, change([10, 2], [[9_999, 3]])), at(1_200, change([2, 4], [[9_998, 0]])))
      .thenState(({ byName }) => {
        expect(byName.get(BTC)?.book).toMatchObject({
          updateId: 4,
          bids: { ticks: [9_999], lots: [3] },
        })
      })
    standing()
      .when(at(1_100, change([11, 2], [[9_999, 3]])))
      .thenContaining([{ type: 'BookDistrusted', reason: 'updates_missing' }])
  })

  test('takes a change of nothing for a sign of life', () => {
    standing()
      .when(change([12, 12], []))
      .thenNothing()
  })
})

/** A feed of its own: what a venue with a book of 40 prices would send, and what is true after each update. */
const feed = fc.array(
  fc.record({
    side: fc.constantFrom('bids' as const, 'asks' as const),
    place: fc.integer({ min: 0, max: 19 }),
    lots: fc.integer({ min: 0, max: 5 }),
    fate: fc.constantFrom('sent', 'sent', 'sent', 'sent', 'sent', 'lost', 'doubled', 'snapshot'),
  }),
  { minLength: 1, maxLength: 120 },
)

class NaiveBook {
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()

  set(side: 'bids' | 'asks', ticks: number, lots: number): void {
    if (lots === 0) this[side].delete(ticks)
    else this[side].set(ticks, lots)
  }

  sorted(side: 'bids' | 'asks'): [number, number][] {
    const order = side === 'bids' ? -1 : 1
    return [...this[side]].sort(([left], [right]) => order * (left - right))
  }
}

describe('whatever is lost on the way', () => {
  test('a book that is known is the true one, and a whole book makes it known', () => {
    fc.assert(
      fc.property(feed, steps => {
        const driver = driveProcessor(priceProcessor(DEFAULT_PRICE_SETTINGS))
        driver.input(listing())
        driver.input(sourcesSet())
        driver.input(whole(100, [], []))
        const naive = new NaiveBook()
        for (const [index, { side, place, lots, fate }] of steps.entries()) {
          const ticks = side === 'bids' ? 1_000 - place : 1_001 + place
          naive.set(side, ticks, lots)
          const id = 100 + index
          const said = change(
            [id, id + 1],
            side === 'bids' ? [[ticks, lots]] : [],
            side === 'asks' ? [[ticks, lots]] : [],
          )
          if (fate === 'snapshot')
            driver.input(whole(id + 1, naive.sorted('bids'), naive.sorted('asks')))
          else if (fate !== 'lost') driver.input(said)
          if (fate === 'doubled') driver.input(said)
          const book = driver.state.byName.get(BTC)?.book
          if (fate === 'snapshot') expect(book?.status).toBe('known')
          if (book?.status !== 'known' || book.updateId !== id + 1) continue
          for (const each of ['bids', 'asks'] as const)
            expect(book[each].ticks.map((price, i) => [price, book[each].lots[i]])).toEqual(
              naive.sorted(each),
            )
        }
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })
})
