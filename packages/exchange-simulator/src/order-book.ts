import type { Side } from '@sluice/contracts/generated/events'

/** An order that rests in the book. */
export interface RestingOrder {
  readonly orderId: string
  readonly side: Side
  readonly priceTicks: number
  quantityLots: number
}

/** Part of an incoming order met one resting order, at the resting order's price. */
export interface Match {
  readonly restingOrderId: string
  readonly priceTicks: number
  readonly quantityLots: number
}

/** An incoming order. */
export interface IncomingOrder {
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
}

/** All orders of one side at one price, oldest first. */
interface Level {
  readonly priceTicks: number
  readonly orders: RestingOrder[]
  quantityLots: number
}

/**
 * Limit order book of one instrument, in integer ticks and lots. Best price first; at one price the older order first.
 * An incoming order trades at the resting orders' prices, so its limit can only be improved on. The book never crosses: what
 * could trade has traded before anything rests.
 */
export class OrderBook {
  readonly #bids: Level[] = []
  readonly #asks: Level[] = []

  /** Trades what the limit allows, then rests what is left. */
  place(orderId: string, order: IncomingOrder): Match[] {
    const matches = this.immediateOrCancel(order)
    const left = order.quantityLots - quantityOf(matches)
    if (left > 0)
      this.#rest({ orderId, side: order.side, priceTicks: order.limitTicks, quantityLots: left })
    return matches
  }

  /** Trades what the limit allows; what is left is gone. */
  immediateOrCancel(order: IncomingOrder): Match[] {
    const levels = order.side === 'buy' ? this.#asks : this.#bids
    const matches: Match[] = []
    let left = order.quantityLots
    while (left > 0) {
      const level = levels[0]
      if (level === undefined || !isWithin(order, level.priceTicks)) break
      left -= takeFrom(level, left, matches)
      if (level.quantityLots === 0) levels.shift()
    }
    return matches
  }

  /** Removes a resting order. Returns the lots it still had; 0 if it is not in the book. */
  cancel(side: Side, priceTicks: number, orderId: string): number {
    const levels = this.#side(side)
    const at = placeOf(levels, side, priceTicks)
    const level = levels[at]
    if (level?.priceTicks !== priceTicks) return 0
    const index = level.orders.findIndex(order => order.orderId === orderId)
    const order = level.orders[index]
    if (order === undefined) return 0
    level.orders.splice(index, 1)
    level.quantityLots -= order.quantityLots
    if (level.quantityLots === 0) levels.splice(at, 1)
    return order.quantityLots
  }

  bestTicks(side: Side): number | undefined {
    return this.#side(side)[0]?.priceTicks
  }

  /** Lots at one price. */
  lotsAt(side: Side, priceTicks: number): number {
    const level = this.#side(side)[placeOf(this.#side(side), side, priceTicks)]
    return level?.priceTicks === priceTicks ? level.quantityLots : 0
  }

  /** All lots of a side at a price or better. */
  lotsWithin(side: Side, limitTicks: number): number {
    let lots = 0
    for (const level of this.#side(side)) {
      if (isBetter(side, limitTicks, level.priceTicks)) break
      lots += level.quantityLots
    }
    return lots
  }

  /** Price levels of a side, best first. */
  levels(side: Side): { readonly priceTicks: number; readonly quantityLots: number }[] {
    return this.#side(side).map(({ priceTicks, quantityLots }) => ({ priceTicks, quantityLots }))
  }

  #rest(order: RestingOrder): void {
    const levels = this.#side(order.side)
    const at = placeOf(levels, order.side, order.priceTicks)
    const level = levels[at]
    if (level?.priceTicks === order.priceTicks) {
      level.orders.push(order)
      level.quantityLots += order.quantityLots
      return
    }
    const { priceTicks, quantityLots } = order
    levels.splice(at, 0, { priceTicks, quantityLots, orders: [order] })
  }

  #side(side: Side): Level[] {
    return side === 'buy' ? this.#bids : this.#asks
  }
}

export function quantityOf(matches: readonly Match[]): number {
  let lots = 0
  for (const match of matches) lots += match.quantityLots
  return lots
}

/** Takes up to `wanted` lots of a level, oldest order first; returns how many. */
function takeFrom(level: Level, wanted: number, matches: Match[]): number {
  let taken = 0
  let gone = 0
  for (const order of level.orders) {
    if (taken === wanted) break
    const quantityLots = Math.min(wanted - taken, order.quantityLots)
    matches.push({ restingOrderId: order.orderId, priceTicks: level.priceTicks, quantityLots })
    order.quantityLots -= quantityLots
    taken += quantityLots
    if (order.quantityLots === 0) gone += 1
  }
  level.orders.splice(0, gone)
  level.quantityLots -= taken
  return taken
}

function isWithin(order: IncomingOrder, priceTicks: number): boolean {
  return order.side === 'buy' ? priceTicks <= order.limitTicks : priceTicks >= order.limitTicks
}

/** Whether `left` stands before `right` on this side of the book. */
function isBetter(side: Side, left: number, right: number): boolean {
  return side === 'buy' ? left > right : left < right
}

/** Index of the first level that is not better than the price. */
function placeOf(levels: readonly Level[], side: Side, priceTicks: number): number {
  let low = 0
  let high = levels.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const level = levels[middle]
    if (level !== undefined && isBetter(side, level.priceTicks, priceTicks)) low = middle + 1
    else high = middle
  }
  return low
}
