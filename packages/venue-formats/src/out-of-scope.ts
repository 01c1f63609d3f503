/** Why a message of a venue is passed over. `docs/reference/formats.md` is made from this table. */
export const OUT_OF_SCOPE = {
  account_partial:
    'Positions or balances without the rest: an account record holds wallet, all positions and the ledger sequence at once, and only the ledger has that.',
  answer: 'An answer to a request, or something of the account that no rule asks for.',
  book_unnumbered:
    'A change of a book without a number: nothing would show that one is missing, so the book could not be trusted. Take whole books instead.',
  candle: 'Candles are made of trades, which are read.',
  day_statistics: 'Statistics of a day.',
  liquidation_empty: 'A liquidation that closed nothing.',
  liquidation_ambiguous:
    'A fill against a liquidation where both sides may have closed: it does not say which one was liquidated.',
  liquidation_pending: 'A liquidation order before its end; its last report says all of it.',
  option_or_spread:
    'An option, a combination or a spread: only futures and perpetuals are margined.',
  own_mark: "The venue's own mark price: Sluice makes its own from index, book and funding.",
  own_orders:
    'Orders and fills of one client. Sluice is answered by execution reports, which carry its client order id and the ledger sequence.',
  past_trades:
    'A list of trades that were, in an order of its own: taken from here the last would not be the latest. The stream prints each.',
  reference:
    'Rules of the venue: they become valid as versioned records with an author and a reason, not by a feed.',
  ticker_rest: 'What else a ticker says; often only a part of it has changed.',
} as const satisfies Record<string, string>

export type OutOfScope = keyof typeof OUT_OF_SCOPE
