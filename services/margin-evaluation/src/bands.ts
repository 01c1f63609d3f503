import { approximateMargin } from './approximate.ts'
import { isPriced } from './evaluation.ts'
import { LIQUIDATING, TRUSTED } from './scope-store.ts'
import { occupiedSlots, type State } from './state.ts'

/** How many scopes stand below one margin-call ratio and not below the next. */
export interface Band {
  /** The ratio they are below; null: below none */
  readonly below: number | null
  readonly scopes: number
}

/**
 * Scopes by margin-call band, from the safest, those in liquidation left out. Counted when asked, in doubles, over all scopes
 * (about 0.2 µs each): bands beyond the first call are for people, and no tick pays for them.
 */
export function accountsByBand(state: State): Band[] {
  const ratios = state.policy?.record.marginCallRatios.map(ratio => ratio.toNumber()) ?? []
  const counts = new Array<number>(ratios.length + 1).fill(0)
  for (const slot of occupiedSlots(state)) {
    if (state.scopes.status[slot] === LIQUIDATING || !isPriced(state, slot)) continue
    const { equity, maintenance } = approximateMargin(state.scopes, state.instruments, slot)
    const above = ratios.findIndex(ratio => equity >= ratio * maintenance)
    const band = above === -1 ? ratios.length : above
    counts[band] = (counts[band] ?? 0) + 1
  }
  return counts.map((scopes, i) => ({ below: ratios[i - 1] ?? null, scopes }))
}

/** What a person wants to see of the state: counts, prices, and what stands out. */
export function describeState(state: State): object {
  let untrusted = 0
  for (const slot of occupiedSlots(state)) if (!state.scopes.hasFlag(slot, TRUSTED)) untrusted += 1
  return {
    isReady: state.isReady,
    policy:
      state.policy === null ? null : `${state.policy.record.policy} ${state.policy.record.version}`,
    scopes: state.scopes.scopeCount,
    accountsByBand: accountsByBand(state),
    untrusted,
    parked: state.parking.all().map(({ scope }) => scope),
    held: state.holds.entries().map(([scope]) => scope),
    waiting: state.waiting.size,
    liquidations: [...state.liquidations]
      .map(([slot, { id, isHalted }]) => ({ scope: state.scopes.id(slot), id, isHalted }))
      .sort((a, b) => (a.scope < b.scope ? -1 : 1)),
    instruments: state.instruments.all().map(({ name, markTicks, quality, halted, isUsable }) => ({
      name,
      markTicks,
      quality,
      halted,
      isUsable,
    })),
  }
}
