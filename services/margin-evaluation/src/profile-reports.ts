import type { Instrument } from './instruments.ts'
import type { MarginTurn, State } from './state.ts'

/** Reports the instruments whose interval is over, and refreshes a part of the scopes for each. */
export function onProfilesDue(state: State, turn: MarginTurn): void {
  const { policy, profile, instruments } = state
  if (policy === null) return
  for (const instrument of instruments.all()) {
    if (profile.dueAt(instrument.index) > turn.now) continue
    profile.refreshNext(policy.trigger)
    report(state, instrument, turn)
    profile.schedule(instrument.index, turn.now + policy.record.profileIntervalMs)
  }
}

function report({ profile }: State, instrument: Instrument, turn: MarginTurn): void {
  for (const isLong of [true, false]) {
    const bins = profile.takeBins(instrument, isLong)
    if (bins === null) continue
    turn.emit({
      type: 'LiquidationProfileReported',
      instrument: instrument.name,
      side: isLong ? 'long' : 'short',
      markTicks: instrument.markTicks,
      binWidth: profile.binWidth,
      bins,
    })
  }
}
