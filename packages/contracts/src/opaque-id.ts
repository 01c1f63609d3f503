import { createHmac } from 'node:crypto'

const BYTES = 16
export const OPAQUE_KEY_BYTES_MIN = 32

export class WeakKeyError extends Error {
  override readonly name = 'WeakKeyError'
}

/**
 * Makes account ids opaque: 22 characters of base64url, the first 16 bytes of HMAC-SHA256(key, raw id as UTF-8). Who has
 * the log but not the key can neither read an account from it nor try candidates.
 *
 * @param key At least 32 bytes, kept outside the log.
 * @throws WeakKeyError if the key is shorter.
 */
export function opaqueIds(key: Uint8Array): (rawId: string) => string {
  if (key.length < OPAQUE_KEY_BYTES_MIN)
    throw new WeakKeyError(
      `the account key has ${String(key.length)} bytes; give at least ${String(OPAQUE_KEY_BYTES_MIN)} random ones`,
    )
  return rawId =>
    createHmac('sha256', key)
      .update(rawId, 'utf8')
      .digest()
      .subarray(0, BYTES)
      .toString('base64url')
}
