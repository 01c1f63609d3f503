import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { OrderBook, quantityOf } from '../src/order-book.ts'

const SEED = 20_260_101
const RUNS = process.env['SLUICE_LONG'] === undefined ? 100 : 20_000

/** Price-time priority written down without any structure: the reference the book is compared with. */
class NaiveBook {
  readonly orders: { id: string; side: 'buy' | 'sell'; price: number; lots: number }[] = []

  place(id: string, order: { side: 'buy' | 'sell'; lots: number; limit: number; rests: boolean }) {
    const { side, limit } = order
    const matches: [string, number, number][] = []
    let left = order.lots
    while (left > 0) {
      const best = this.#best(side, limit)
      if (best === undefined) break
      const lots = Math.min(left, best.lots)
      matches.push([best.id, best.price, lots])
      best.lots -= lots
      left -= lots
      if (best.lots === 0) this.orders.splice(this.orders.indexOf(best), 1)
    }
    if (left > 0 && order.rests) this.orders.push({ id, side, price: limit, lots: left })
    return matches
  }

  #best(side: 'buy' | 'sell', limit: number) {
    const others = this.orders.filter(
      other =>
        other.side !== side && (side === 'buy' ? other.price <= limit : other.price >= limit),
    )
    const prices = others.map(other => other.price)
    const price = side === 'buy' ? Math.min(...prices) : Math.max(...prices)
    return others.find(other => other.price === price)
  }
}

const orders = fc.array(
  fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lots: fc.integer({ min: 1, max: 20 }),
    limit: fc.integer({ min: 95, max: 105 }),
    action: fc.constantFrom('rest' as const, 'rest' as const, 'ioc' as const, 'cancel' as const),
    pick: fc.nat(),
  }),
  { maxLength: 60 },
)

describe('the order book', () => {
  test('matches like a naive list of orders in price-time priority', () => {
    fc.assert(
      fc.property(orders, commands => {
        const book = new OrderBook()
        const naive = new NaiveBook()
        commands.forEach((command, number) => {
          const { side, lots, limit } = command
          if (command.action === 'cancel') {
            const victim = naive.orders[command.pick % Math.max(1, naive.orders.length)]
            if (victim === undefined) return
            expect(book.cancel(victim.side, victim.price, victim.id)).toBe(victim.lots)
            naive.orders.splice(naive.orders.indexOf(victim), 1)
            return
          }
          const rests = command.action === 'rest'
          const id = `o${number}`
          const order = { side, quantityLots: lots, limitTicks: limit }
          const matches = rests ? book.place(id, order) : book.immediateOrCancel(order)
          expect(matches.map(m => [m.restingOrderId, m.priceTicks, m.quantityLots])).toEqual(
            naive.place(id, { side, lots, limit, rests }),
          )
        })
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('never crosses, and lots in equal lots traded twice plus lots resting and lots gone', () => {
    fc.assert(
      fc.property(orders, commands => {
        const book = new OrderBook()
        let placed = 0
        let accounted = 0
        commands.forEach(({ side, lots, limit, action }, number) => {
          placed += lots
          const order = { side, quantityLots: lots, limitTicks: limit }
          if (action === 'ioc') {
            const traded = quantityOf(book.immediateOrCancel(order))
            accounted += traded + lots
          } else accounted += 2 * quantityOf(book.place(`o${number}`, order))
          const bid = book.bestTicks('buy') ?? -Infinity
          const ask = book.bestTicks('sell') ?? Infinity
          expect(bid).toBeLessThan(ask)
        })
        for (const side of ['buy', 'sell'] as const) {
          for (const level of book.levels(side)) accounted += level.quantityLots
        }
        expect(accounted).toBe(placed)
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('an order never trades beyond its limit, and at the resting price', () => {
    const book = new OrderBook()
    book.place('a', { side: 'sell', quantityLots: 5, limitTicks: 101 })
    book.place('b', { side: 'sell', quantityLots: 5, limitTicks: 100 })
    const matches = book.immediateOrCancel({ side: 'buy', quantityLots: 9, limitTicks: 100 })
    expect(matches).toEqual([{ restingOrderId: 'b', priceTicks: 100, quantityLots: 5 }])
    expect(book.lotsAt('buy', 100)).toBe(0)
    expect(book.lotsWithin('sell', 101)).toBe(5)
  })
})
