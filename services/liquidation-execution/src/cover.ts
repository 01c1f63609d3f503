import { Decimal, MONEY_SCALE, ROUND_FLOOR, ZERO } from '@sluice/domain/decimal'
import { liquidationFee } from '@sluice/domain/liquidation-fee'
import type { Leg } from './legs.ts'
import { isSupported } from './state.ts'
import type { Fee, Liquidation } from './state.ts'

/** Notes what a fill is to be charged. Nothing where others paid: it would be taken from their money. */
export function accrueFee(liquidation: Liquidation, pool: string, notional: Decimal): void {
  if (isSupported(liquidation)) return
  const { uncharged } = liquidation
  uncharged.set(pool, (uncharged.get(pool) ?? ZERO).plus(notional))
}

/** Σ of the fees accrued, each by `liquidationFee` on the whole notional of its pool: rounded down once [settlement currency]. */
function accruedFee({ uncharged, policy }: Liquidation): Decimal {
  return [...uncharged.values()].reduce(
    (sum, notional) => sum.plus(liquidationFee(notional, policy.feeRate)),
    ZERO,
  )
}

/** The fee to ask for next: the first pool by name that is due one, at most the equity of the scope. Undefined: none. */
export function feeDue({ uncharged, policy, statement }: Liquidation): Fee | undefined {
  if (statement.equity.lte(0)) return undefined
  for (const [pool, notional] of [...uncharged].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const amount = Decimal.min(liquidationFee(notional, policy.feeRate), statement.equity)
    if (amount.gt(0)) return { pool, notional, amount }
  }
  return undefined
}

/**
 * Equity of the scope less the fee accrued, which is taken from what there is and makes no debt.
 *
 *   E' = E − min(F, max(E, 0))      E equity of the statement at mark, F fee accrued [settlement currency]
 */
export function equityLessFee(liquidation: Liquidation): Decimal {
  const { equity } = liquidation.statement
  if (liquidation.uncharged.size === 0 || equity.lte(0)) return equity
  return Decimal.max(ZERO, equity.minus(accruedFee(liquidation)))
}

/** What pools have set aside for it, together. */
export function reservedFor({ reserved }: Liquidation): Decimal {
  return [...reserved.values()].reduce((sum, amount) => sum.plus(amount), ZERO)
}

/** What the closing may use up: equity less the fee accrued, and what is reserved. */
export function coverOf(liquidation: Liquidation): Decimal {
  const equity = equityLessFee(liquidation)
  return liquidation.reserved.size === 0 ? equity : equity.plus(reservedFor(liquidation))
}

/**
 * The position's part of what the closing may use up, by its share of the maintenance margin, so that no position uses up what
 * another needs: C · M_i / M, rounded down at money's scale.
 *
 *   C from `coverOf`; M_i and M maintenance margin of the position and of the scope [settlement currency]
 */
export function coverOfLeg(liquidation: Liquidation, { risk }: Leg): Decimal {
  return coverOf(liquidation)
    .times(risk.maintenanceMargin)
    .div(liquidation.statement.maintenanceMargin)
    .toDecimalPlaces(MONEY_SCALE, ROUND_FLOOR)
}
