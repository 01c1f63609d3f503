import type { RiskStatement } from '@sluice/contracts/generated/events'
import type { Context } from './context.ts'
import type { Liquidation } from './state.ts'

/** Takes a newer statement. One that is older than the one known is the evaluator's past, and changes nothing. */
export function takeStatement(
  { turn }: Context,
  liquidation: Liquidation,
  statement: RiskStatement,
): boolean {
  const known = liquidation.statement
  if (statement.ledgerSequence < known.ledgerSequence) return false
  const isSameLedger = statement.ledgerSequence === known.ledgerSequence
  if (isSameLedger && statement.evaluatedAt < known.evaluatedAt) return false
  liquidation.statement = statement
  liquidation.statementId = turn.inputId
  liquidation.statementFresh = true
  return true
}
