import type { Decimal } from '@sluice/domain/decimal'
import { isAboveZero } from '@sluice/domain/decimal'

/** Money by pool, each above zero. Never changed in place, so that what follows from it is computed once. */
export type PoolAmounts = ReadonlyMap<string, Decimal>

export const NO_AMOUNTS: PoolAmounts = new Map()

/** The same with another amount for one pool; none at zero or below. */
export function withAmount(amounts: PoolAmounts, pool: string, amount: Decimal): PoolAmounts {
  const changed = new Map(amounts)
  if (isAboveZero(amount)) changed.set(pool, amount)
  else changed.delete(pool)
  return changed
}
