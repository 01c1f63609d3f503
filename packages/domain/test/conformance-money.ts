import { liquidationFee } from '../src/liquidation-fee.ts'
import { shareLoss, type LossShareOptions } from '../src/loss-share.ts'
import {
  list,
  number,
  numberOr,
  text,
  Unsupported,
  type Inputs,
  type Rule,
} from './conformance-inputs.ts'
import { d } from './generators.ts'
import type { Decimal } from '../src/decimal.ts'

function sharesOf(
  amount: Decimal,
  winners: readonly Inputs[],
  options: LossShareOptions & { readonly names: readonly [string, string] },
): Record<string, Decimal> {
  const [id, profit] = options.names
  const shares = shareLoss(
    amount,
    winners.map(winner => ({ id: text(winner, id), profit: number(winner, profit) })),
    options,
  )
  return Object.fromEntries(shares.map(share => [share.id, share.amount]))
}

export const fees: Readonly<Record<string, Rule>> = {
  'sluice-linear.fee_penalty': inputs => ({
    fee: liquidationFee(number(inputs, 'notional'), number(inputs, 'rate')),
  }),
}

export const shares: Readonly<Record<string, Rule>> = {
  'sluice-linear.socialised_loss': inputs => ({
    shares: sharesOf(number(inputs, 'loss'), list(inputs, 'winners'), {
      scale: numberOr(inputs, 'scale', 12).toNumber(),
      names: ['id', 'profit'],
    }),
  }),
  /** What was collected is paid out by win, whole units, the rest to the last; a loss is a win not paid. */
  'vega.socialised_loss'(inputs) {
    if (!('collected' in inputs)) throw new Unsupported('an insurance pool that covers everything')
    const wins = list(inputs, 'wins')
    const paid = sharesOf(number(inputs, 'collected'), wins, {
      scale: 0,
      remainder: 'last',
      names: ['party', 'win'],
    })
    const losses = wins.map(win => {
      const party = text(win, 'party')
      return [party, number(win, 'win').minus(paid[party] ?? d(0))] as const
    })
    return { losses: Object.fromEntries(losses) }
  },
}
