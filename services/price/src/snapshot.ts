import { Decimal } from '@sluice/domain/decimal'
import type { Instrument, Listing, PriceRules, PriceState } from './state.ts'
import { adopt, initialPriceState } from './state.ts'

/** Form of the snapshot; a change of it is a new number and a tested migration. */
const SNAPSHOT_FORM = 2

interface Image {
  readonly form: number
  readonly instruments: readonly InstrumentImage[]
}

type ListingImage = Omit<Listing, 'lotSize' | 'tickSize'> & { lotSize: string; tickSize: string }
type RulesImage = Omit<PriceRules, 'outlierRate' | 'liquidityDistanceRates'> & {
  outlierRate: string
  liquidityDistanceRates: string[]
}
type Exact = 'listing' | 'rules' | 'fundingRate' | 'basis' | 'deadline'
type InstrumentImage = Omit<Instrument, Exact> & {
  listing: ListingImage | null
  rules: RulesImage | null
  fundingRate: string | null
  basisTimes: number[]
  basisHalfTicks: number[]
  /** JSON has no infinity: null is never. */
  deadline: number | null
}

/** The snapshot is of another form than this version reads. */
export class SnapshotFormError extends Error {
  override readonly name = 'SnapshotFormError'
}

/** Canonical: instruments by name, fields in one order, decimals as plain text; window samples only. */
export function snapshotOf(state: PriceState): Uint8Array {
  const image: Image = { form: SNAPSHOT_FORM, instruments: state.instruments.map(imageOf) }
  return new TextEncoder().encode(JSON.stringify(image))
}

/** @throws SnapshotFormError if another version of the service wrote the snapshot. */
export function restoreFrom(snapshot: Uint8Array): PriceState {
  const image = JSON.parse(new TextDecoder().decode(snapshot)) as Image
  if (image.form !== SNAPSHOT_FORM) {
    throw new SnapshotFormError(
      `price snapshot has form ${String(image.form)}, this version reads ${String(SNAPSHOT_FORM)}: ` +
        'delete the snapshot (the task replays its receipts) or run the version that wrote it',
    )
  }
  const state = initialPriceState()
  for (const instrument of image.instruments) adopt(state, instrumentOf(instrument))
  return state
}

function imageOf(instrument: Instrument): InstrumentImage {
  const { listing, rules, fundingRate, basis, deadline, ...rest } = instrument
  return {
    ...rest,
    listing: listing === null ? null : listingImage(listing),
    rules: rules === null ? null : rulesImage(rules),
    fundingRate: fundingRate === null ? null : fundingRate.toFixed(),
    basisTimes: basis.times.slice(basis.first),
    basisHalfTicks: basis.halfTicks.slice(basis.first),
    deadline: deadline === Infinity ? null : deadline,
  }
}

function listingImage(listing: Listing): ListingImage {
  return {
    version: listing.version,
    lotSize: listing.lotSize.toFixed(),
    tickSize: listing.tickSize.toFixed(),
  }
}

function rulesImage(rules: PriceRules): RulesImage {
  return {
    ...rules,
    outlierRate: rules.outlierRate.toFixed(),
    liquidityDistanceRates: rules.liquidityDistanceRates.map(rate => rate.toFixed()),
  }
}

function instrumentOf(image: InstrumentImage): Instrument {
  const { basisTimes, basisHalfTicks, listing, rules, fundingRate, deadline, ...rest } = image
  return {
    ...rest,
    listing: listing === null ? null : listingOf(listing),
    rules: rules === null ? null : rulesOf(rules),
    fundingRate: fundingRate === null ? null : new Decimal(fundingRate),
    basis: {
      times: basisTimes,
      halfTicks: basisHalfTicks,
      first: 0,
      sum: basisHalfTicks.reduce((sum, sample) => sum + sample, 0),
    },
    deadline: deadline ?? Infinity,
  }
}

function listingOf(image: ListingImage): Listing {
  return {
    version: image.version,
    lotSize: new Decimal(image.lotSize),
    tickSize: new Decimal(image.tickSize),
  }
}

function rulesOf(image: RulesImage): PriceRules {
  return {
    ...image,
    outlierRate: new Decimal(image.outlierRate),
    liquidityDistanceRates: image.liquidityDistanceRates.map(rate => new Decimal(rate)),
  }
}
