import type { StagedCatchUp } from './catch-up.ts'

/** Settings that decide: hashed into every receipt, so a change of them is a change of the task. */
export interface Settings {
  /** Liquidation policy followed; null: the one set last, whatever its name */
  readonly policy: string | null
  /** No status and no trigger before SnapshotCompleted has been read */
  readonly requireSnapshot: boolean
  /** How long a record waits for its instrument while no policy is known */
  readonly parkMsWithoutPolicy: number
  /** Width of a bin of the liquidation profile, in log price */
  readonly profileBinWidth: number
  /** How scopes that are under water in the first snapshot are triggered; null: all at once */
  readonly catchUp: StagedCatchUp | null
}

export const DEFAULT_SETTINGS: Settings = {
  policy: null,
  requireSnapshot: true,
  parkMsWithoutPolicy: 60_000,
  profileBinWidth: 0.0025,
  catchUp: null,
}
