/**
 * dividend / divisor to the nearest whole number, half to even. Exact for whole numbers below 2^53, the divisor above zero: the rest is held
 * against what lacks to the next whole number, so nothing is doubled beyond.
 */
export function divideHalfEven(dividend: number, divisor: number): number {
  const signedRest = dividend % divisor
  const rest = signedRest < 0 ? signedRest + divisor : signedRest
  const whole = (dividend - rest) / divisor
  const above = divisor - rest
  const isUp = rest > above || (rest === above && whole % 2 !== 0)
  return isUp ? whole + 1 : whole
}
