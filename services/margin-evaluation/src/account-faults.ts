import type { AccountUpdated, Position } from '@sluice/contracts/generated/events'
import type { Decimal } from '@sluice/domain/decimal'
import type { InstrumentTable } from './instruments.ts'
import { isHoldable, MONEY_MAX } from './money.ts'
import type { Refusal } from './refusals.ts'

/** What of an account record is checked. */
export interface AccountContent {
  readonly isolatedInstrument: string | null
  readonly walletBalance: Decimal
  readonly positions: readonly Position[]
}

/** The first fault of an account record's content, whatever is known of instruments; undefined if there is none. */
export function faultOfContent(content: AccountContent): Refusal | undefined {
  if (!isHoldable(content.walletBalance)) return outOfRange('walletBalance', content.walletBalance)
  const { positions, isolatedInstrument } = content
  for (const [place, position] of positions.entries()) {
    const fault = faultOfPosition(position, isolatedInstrument)
    if (fault !== undefined) return fault
    if (place > 0 && isRepeated(positions, place)) {
      return {
        reason: 'position_unsound',
        detail: `two positions in ${position.instrument}: send one, net, per instrument`,
      }
    }
  }
  return undefined
}

function isRepeated(positions: readonly Position[], place: number): boolean {
  const name = positions[place]?.instrument
  return positions.findIndex(({ instrument }) => instrument === name) < place
}

function faultOfPosition(position: Position, isolated: string | null): Refusal | undefined {
  const { instrument, quantityLots, entryNotional } = position
  if (quantityLots === 0) {
    const detail = `position in ${instrument} has 0 lots: leave out a position that is closed`
    return { reason: 'position_unsound', detail }
  }
  if (!Number.isSafeInteger(quantityLots)) {
    const detail = `position in ${instrument} has ${quantityLots} lots: use whole lots up to 2^53`
    return { reason: 'number_out_of_range', detail }
  }
  if (!isHoldable(entryNotional)) return outOfRange(`entryNotional of ${instrument}`, entryNotional)
  if (!entryNotional.isZero() && entryNotional.isNegative() !== quantityLots < 0) {
    const detail = `entryNotional of ${instrument} is ${entryNotional.toFixed()} for ${quantityLots} lots: give it the sign of the lots`
    return { reason: 'position_unsound', detail }
  }
  if (isolated !== null && isolated !== instrument) {
    const detail = `the scope is isolated in ${isolated} but has a position in ${instrument}: send each isolated position as its own scope`
    return { reason: 'position_outside_scope', detail }
  }
  return undefined
}

function outOfRange(field: string, amount: Decimal): Refusal {
  const detail = `${field} is ${amount.toFixed()}: at most ±${MONEY_MAX.toFixed()} with 12 digits after the point`
  return { reason: 'money_out_of_range', detail }
}

/** Instruments of the positions that are not listed yet. */
export function unlisted(instruments: InstrumentTable, positions: readonly Position[]): string[] {
  return positions
    .map(({ instrument }) => instrument)
    .filter(name => (instruments.find(name)?.spec ?? null) === null)
}

/** Whether all instruments of the positions are listed. */
export function areListed(instruments: InstrumentTable, positions: readonly Position[]): boolean {
  return positions.every(({ instrument }) => (instruments.find(instrument)?.spec ?? null) !== null)
}

/** A position settled in another currency than its scope's; undefined if there is none. */
export function faultOfCurrency(
  instruments: InstrumentTable,
  { currency, positions }: Pick<AccountUpdated, 'currency' | 'positions'>,
): Refusal | undefined {
  for (const { instrument } of positions) {
    const settled = instruments.find(instrument)?.currency
    if (settled === undefined || settled === currency) continue
    const detail = `${instrument} settles in ${settled}, the scope in ${currency}: send one scope per settlement currency`
    return { reason: 'currency_mismatch', detail }
  }
  return undefined
}
