import { isBelowZero, MONEY_SCALE, ROUND_DOWN, type Decimal } from './decimal.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/**
 * Liquidation fee on a fill: notional × feeRate [settlement currency], rounded down to money's scale: never more than the rate.
 *
 * @param notional absolute value of the fill
 * @throws InvalidRiskInputError if notional or rate is negative
 */
export function liquidationFee(notional: Decimal, feeRate: Decimal): Decimal {
  if (isBelowZero(notional) || isBelowZero(feeRate)) {
    throw new InvalidRiskInputError('liquidationFee', 'notional and rate must be ≥ 0')
  }
  return notional.times(feeRate).toDecimalPlaces(MONEY_SCALE, ROUND_DOWN)
}
