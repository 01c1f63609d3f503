/**
 * A margin scope is what is liquidated as one: a cross account, `<account>`, or one isolated position,
 * `<account>/<instrument>`. Accounts hold no slash: they are opaque ids in base64url.
 */
const SEPARATOR = '/'

/** The scope of an account record. */
export const scopeIdOf = (account: string, isolatedInstrument: string | null): string =>
  isolatedInstrument === null ? account : `${account}${SEPARATOR}${isolatedInstrument}`

/** The account that a scope belongs to. */
export function accountOf(scope: string): string {
  const end = scope.indexOf(SEPARATOR)
  return end === -1 ? scope : scope.slice(0, end)
}

/** The instrument of an isolated position; null for cross margin. */
export function instrumentOf(scope: string): string | null {
  const end = scope.indexOf(SEPARATOR)
  return end === -1 ? null : scope.slice(end + 1)
}
