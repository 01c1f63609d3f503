import type { Side } from '@sluice/contracts/generated/events'
import { spokenLots, visibleLots } from './book.ts'
import type { BookSide } from './book.ts'
import type { Context } from './context.ts'
import type { Liquidation, State } from './state.ts'

const SIDES: readonly Side[] = ['buy', 'sell']

/** Notes which side of which book the next slice waits for; null: none. */
export function awaitBook(state: State, liquidation: Liquidation, awaited: BookSide | null): void {
  const before = liquidation.bookAwaited
  if (before?.instrument === awaited?.instrument && before?.side === awaited?.side) return
  if (before !== null) dequeue(state, liquidation, before)
  liquidation.bookAwaited = awaited
  enqueue(state, liquidation)
}

function lineOf(
  { awaitingBook }: State,
  { instrument, side }: BookSide,
): Liquidation[] | undefined {
  return awaitingBook[side].get(instrument)
}

function allLines({ awaitingBook }: State): readonly (readonly Liquidation[])[] {
  return [...awaitingBook.buy.values(), ...awaitingBook.sell.values()]
}

/** Those who wait for a side of a book stand in one line, oldest first. */
export function enqueue(state: State, liquidation: Liquidation): void {
  const { bookAwaited } = liquidation
  if (bookAwaited === null) return
  const line = lineOf(state, bookAwaited)
  if (line === undefined) {
    state.awaitingBook[bookAwaited.side].set(bookAwaited.instrument, [liquidation])
  } else line.splice(placeIn(line, liquidation), 0, liquidation)
}

function dequeue(state: State, liquidation: Liquidation, from: BookSide): void {
  const line = lineOf(state, from) ?? []
  line.splice(placeIn(line, liquidation), 1)
}

/** Index of the first that is not older. The order is total, so that a line is the same however it was made. */
function placeIn(line: readonly Liquidation[], liquidation: Liquidation): number {
  let low = 0
  let high = line.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = line[middle]
    if (other !== undefined && byAge(other, liquidation) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** By start, then by the number of the trigger, then by scope. */
function byAge(a: Liquidation, b: Liquidation): number {
  if (a.startedAt !== b.startedAt) return a.startedAt - b.startedAt
  const byTrigger = triggerNumber(a) - triggerNumber(b)
  if (byTrigger !== 0) return byTrigger
  return a.scope < b.scope ? -1 : Number(a.scope > b.scope)
}

function triggerNumber({ id }: Liquidation): number {
  return Number(id.slice(id.lastIndexOf('/') + 1))
}

type Proceed = (context: Context, liquidation: Liquidation) => void

/**
 * The book is new, or what was filled counts no longer: all who wait for it are looked at, oldest first, while lots are left. Those who
 * announced that they wait for an empty book are looked at in any case, since that may have changed.
 */
export function offerBook(context: Context, instrument: string, proceed: Proceed): void {
  const { state, turn } = context
  for (const side of SIDES) {
    const of = { instrument, side }
    for (const liquidation of lineOf(state, of)?.slice() ?? []) {
      if (liquidation.pauses.length > 0 || hasRoom(state, of, { liquidation, now: turn.now })) {
        proceed(context, liquidation)
      }
    }
  }
}

/** An order of ours is over: the oldest are looked at, until one finds too little. The next book is offered to all. */
export function offerRest(context: Context, of: BookSide, proceed: Proceed): void {
  const { state, turn } = context
  const line = lineOf(state, of) ?? []
  for (let oldest = line[0]; oldest !== undefined; oldest = line[0]) {
    if (!hasRoom(state, of, { liquidation: oldest, now: turn.now })) return
    proceed(context, oldest)
    if (line[0] === oldest) return
  }
}

/** Whether anything is left of what the policy calls visible, before limits are looked at. */
function hasRoom(
  state: State,
  of: BookSide,
  { liquidation, now }: { readonly liquidation: Liquidation; readonly now: number },
): boolean {
  const visible = visibleLots(state.books.get(of.instrument), of.side, liquidation.policy)
  const spoken = spokenLots(state, of, now)
  return spoken === 0 || spoken < visible
}

/** When fills cease to count on a side that somebody waits for; null: no such time. */
export function earliestRoom(state: State): number | null {
  let earliest = Infinity
  for (const line of allLines(state)) {
    earliest = Math.min(earliest, filledUntil(state, line) ?? Infinity)
  }
  return earliest === Infinity ? null : earliest
}

/** Forgets fills that count no longer on sides that somebody waits for, and answers the instruments, by name. */
export function forgetFills(state: State, now: number): readonly string[] {
  const over = new Set<string>()
  for (const line of allLines(state)) {
    const of = line[0]?.bookAwaited ?? undefined
    const book = of && state.books.get(of.instrument)
    if (of === undefined || book === undefined) continue
    if ((book.filled[of.side]?.until ?? Infinity) > now) continue
    state.books.set(of.instrument, { ...book, filled: { ...book.filled, [of.side]: null } })
    over.add(of.instrument)
  }
  return [...over].sort()
}

function filledUntil(state: State, line: readonly Liquidation[]): number | undefined {
  const of = line[0]?.bookAwaited ?? undefined
  return of && state.books.get(of.instrument)?.filled[of.side]?.until
}
