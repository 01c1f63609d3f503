import type { MessageRules } from './mapping.ts'
import { BINANCE } from './venues/binance.ts'
import { BITMEX } from './venues/bitmex.ts'
import { BYBIT } from './venues/bybit.ts'
import { DERIBIT } from './venues/deribit.ts'
import { DYDX } from './venues/dydx.ts'
import { HYPERLIQUID } from './venues/hyperliquid.ts'
import { KRAKEN } from './venues/kraken.ts'
import { OKX } from './venues/okx.ts'

/** A venue's own messages, as rules. */
export interface Venue {
  readonly title: string
  /** Where the venue describes them. */
  readonly source: string
  /** What somebody who uses the format should know. */
  readonly notes: readonly string[]
  readonly messages: MessageRules
}

/** The formats by the name that `kafka.topics.<topic>.format` takes. */
export const VENUES: ReadonlyMap<string, Venue> = new Map([
  ['binance', BINANCE],
  ['bybit', BYBIT],
  ['okx', OKX],
  ['deribit', DERIBIT],
  ['bitmex', BITMEX],
  ['kraken', KRAKEN],
  ['hyperliquid', HYPERLIQUID],
  ['dydx', DYDX],
])
