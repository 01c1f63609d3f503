import type { Decimal } from '@sluice/domain/decimal'
import { RATE_SCALE } from '@sluice/domain/decimal'
import { InvalidSimulatorOptionsError } from './errors.ts'
import { holdingOf } from './ledger.ts'
import type { Participant } from './ledger.ts'
import { unitsOf } from './money.ts'
import type { Injection, VenueRecord } from './types.ts'
import type { Venue } from './venue.ts'

const RATE_UNITS = 10n ** BigInt(RATE_SCALE)
const NO_BUY_LIMIT = 999_999_999_999_999

/** Makes an injection happen; returns records other than account updates that follow. */
export function happen(venue: Venue, injection: Injection): VenueRecord[] {
  switch (injection.kind) {
    case 'deposit':
      deposit(venue, scopeOf(venue, injection.scope), injection.amount)
      return []
    case 'funding':
      payFunding(venue, instrumentOf(venue, injection.instrument), injection.rate)
      return []
    case 'traderClose':
      closeAtMarket(venue, injection)
      return []
    case 'priceShock':
      venue.marketOf(instrumentOf(venue, injection.instrument)).shock *= 1 + injection.rate
      return []
    case 'halt':
    case 'resume':
      return [setHalted(venue, injection.instrument, injection.kind === 'halt')]
  }
}

/** Whether it names things that exist. @throws InvalidSimulatorOptionsError */
export function checkInjection(venue: Venue, injection: Injection): void {
  if ('scope' in injection) scopeOf(venue, injection.scope)
  if ('instrument' in injection) instrumentOf(venue, injection.instrument)
  if (injection.at <= venue.time) {
    throw new InvalidSimulatorOptionsError(
      `injection '${injection.kind}' at ${injection.at} is not after now (${venue.time})`,
    )
  }
}

function deposit(venue: Venue, scope: Participant, amount: Decimal): void {
  const units = unitsOf(amount)
  venue.ledger.post('deposit', [
    [venue.ledger.outside, -units],
    [scope.wallet, units],
  ])
  venue.ledger.touch(scope)
}

/**
 * Funding: every holder of the instrument pays value at mark × rate (a short receives; below zero the other way), rounded
 * towards zero to a unit; the house pays or receives exactly the rest.
 */
export function payFunding(venue: Venue, instrument: number, rate: Decimal): void {
  const { ledger } = venue
  const { markTicks } = venue.marketOf(instrument)
  const rateUnits = BigInt(rate.times(`1e${RATE_SCALE}`).toFixed(0))
  for (const scope of ledger.scopes.values()) {
    const holding = holdingOf(scope, instrument)
    if (holding === undefined) continue
    const units = (ledger.valueOf(instrument, holding.lots, markTicks) * rateUnits) / RATE_UNITS
    if (units === 0n) continue
    ledger.post('funding', [
      [scope.wallet, -units],
      [ledger.house.wallet, units],
    ])
    ledger.touch(scope)
  }
}

function closeAtMarket(venue: Venue, close: Extract<Injection, { kind: 'traderClose' }>): void {
  const scope = scopeOf(venue, close.scope)
  const instrument = instrumentOf(venue, close.instrument)
  const lots = holdingOf(scope, instrument)?.lots ?? 0
  if (lots === 0) return
  const side = lots > 0 ? 'sell' : 'buy'
  const limitTicks = side === 'buy' ? NO_BUY_LIMIT : 0
  venue.reduceAtMarket({ scope, instrument, side, quantityLots: close.quantityLots, limitTicks })
}

function setHalted(venue: Venue, instrument: string, halted: boolean): VenueRecord {
  const market = venue.marketOf(instrumentOf(venue, instrument))
  market.halted = halted
  market.haltVersion += 1
  const event = {
    type: halted ? ('InstrumentHalted' as const) : ('InstrumentResumed' as const),
    instrument,
    version: market.haltVersion,
    author: 'exchange-simulator',
    reason: halted ? 'trading stopped' : 'trading goes on',
  }
  return { topic: 'reference-data', key: instrument, event }
}

function scopeOf(venue: Venue, scope: string): Participant {
  const found = venue.ledger.scopes.get(scope)
  if (found !== undefined) return found
  throw new InvalidSimulatorOptionsError(`injection names scope '${scope}', which does not exist`)
}

function instrumentOf(venue: Venue, instrument: string): number {
  const found = venue.indexOf(instrument)
  if (found !== undefined) return found
  throw new InvalidSimulatorOptionsError(
    `injection names instrument '${instrument}', which does not exist`,
  )
}
