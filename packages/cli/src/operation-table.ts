import { Argument } from 'commander'
import { above0, wholeNumber } from './arguments.ts'

/** A subcommand: the event it writes, and the fields of it that are arguments. */
export interface Operation {
  readonly name: string
  readonly about: string
  readonly type: string
  readonly fields?: Readonly<Record<string, Argument>>
  /** It may be given a time at which it lapses. */
  readonly lapses: boolean
}

const scope = new Argument('<scope>', 'account, or account/instrument for an isolated position')

/** What a person can decide with `sluice ops`. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'kill',
    about: 'no new order anywhere, and working orders cancelled; evaluation goes on',
    type: 'KillSwitchEngaged',
    lapses: true,
  },
  {
    name: 'release',
    about: 'take the kill switch back',
    type: 'KillSwitchReleased',
    lapses: false,
  },
  {
    name: 'hold',
    about: 'one scope is not liquidated',
    type: 'ScopeHeld',
    fields: { scope },
    lapses: true,
  },
  {
    name: 'unhold',
    about: 'one scope is liquidated again; one that was halted goes on',
    type: 'ScopeReleased',
    fields: { scope },
    lapses: false,
  },
  {
    name: 'override',
    about: 'one scope has a trigger ratio of its own; to suppress its trigger altogether: hold',
    type: 'TriggerOverridden',
    fields: {
      scope,
      triggerRatio: new Argument(
        '<ratio>',
        'liquidate below this multiple of maintenance margin; none: as its policy says',
      ).argParser(above0),
    },
    lapses: true,
  },
  {
    name: 'activate',
    about: 'liquidations triggered from now on follow this version of a policy',
    type: 'PolicyActivated',
    fields: {
      policy: new Argument('<policy>'),
      version: new Argument('<version>').argParser(wholeNumber(0, 2 ** 31 - 1)),
    },
    lapses: true,
  },
  {
    name: 'mode',
    about: 'ask the venue from now on (live), or only plan (shadow)',
    type: 'ModeChanged',
    fields: { mode: new Argument('<mode>').choices(['live', 'shadow']) },
    lapses: false,
  },
]
