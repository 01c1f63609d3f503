/** What an error says, whatever was thrown: an error of another realm is no `Error` of ours. */
export function messageOf(error: unknown): string {
  const isLikeError = typeof error === 'object' && error !== null && 'message' in error
  return isLikeError ? String(error.message) : String(error)
}
