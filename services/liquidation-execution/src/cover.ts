import { Decimal, isAboveZero, ZERO } from '@sluice/domain/decimal'
import { liquidationFee } from '@sluice/domain/liquidation-fee'
import { withAmount } from './pool-amounts.ts'
import { isSupported } from './state.ts'
import type { Fee, Liquidation } from './state.ts'

/** Notes what a fill is to be charged. Nothing where others paid: it would be taken from their money. */
export function accrueFee(liquidation: Liquidation, pool: string, notional: Decimal): void {
  if (isSupported(liquidation)) return
  const { uncharged } = liquidation
  const after = (uncharged.get(pool) ?? ZERO).plus(notional)
  liquidation.uncharged = withAmount(uncharged, pool, after)
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
  if (!isAboveZero(statement.equity)) return undefined
  for (const [pool, notional] of [...uncharged].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const amount = Decimal.min(liquidationFee(notional, policy.feeRate), statement.equity)
    if (isAboveZero(amount)) return { pool, notional, amount }
  }
  return undefined
}

/** What stands behind the rest of a liquidation, and what it was computed from [settlement currency]. */
interface Cover extends Pick<Liquidation, 'reserved' | 'statement' | 'uncharged'> {
  readonly equityLessFee: Decimal
  readonly reservedSum: Decimal
  readonly total: Decimal
}

/** Every decision asks for it several times, and few inputs change it. */
const covers = new WeakMap<Liquidation, Cover>()

function coverFor(liquidation: Liquidation): Cover {
  const { statement, uncharged, reserved } = liquidation
  const known = covers.get(liquidation)
  const holds =
    known?.statement === statement && known.uncharged === uncharged && known.reserved === reserved
  if (holds) return known
  const equity = lessFee(liquidation)
  const reservedSum = [...reserved.values()].reduce((sum, amount) => sum.plus(amount), ZERO)
  const total = reserved.size === 0 ? equity : equity.plus(reservedSum)
  const cover = { statement, uncharged, reserved, equityLessFee: equity, reservedSum, total }
  covers.set(liquidation, cover)
  return cover
}

function lessFee(liquidation: Liquidation): Decimal {
  const { equity } = liquidation.statement
  if (liquidation.uncharged.size === 0 || !isAboveZero(equity)) return equity
  const left = equity.minus(accruedFee(liquidation))
  return isAboveZero(left) ? left : ZERO
}

/**
 * Equity of the scope less the fee accrued, which is taken from what there is and makes no debt.
 *
 *   E' = E − min(F, max(E, 0))      E equity of the statement at mark, F fee accrued [settlement currency]
 */
export function equityLessFee(liquidation: Liquidation): Decimal {
  return coverFor(liquidation).equityLessFee
}

/** What pools have set aside for it, together. */
export function reservedFor(liquidation: Liquidation): Decimal {
  return coverFor(liquidation).reservedSum
}

/** What the closing may use up: equity less the fee accrued, and what is reserved. */
export function coverOf(liquidation: Liquidation): Decimal {
  return coverFor(liquidation).total
}
