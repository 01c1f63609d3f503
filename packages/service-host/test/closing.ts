import type { AccountClosed, ScopeTrusted } from '@sluice/contracts/generated/events'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { EventToAppend } from '@sluice/stream-runtime/log'
import type { Processor } from '@sluice/stream-runtime/processor'
import { inputOf, inputsOf } from '../src/layout.ts'
import { serviceOf, type Service } from '../src/service.ts'

interface Closing {
  closed: number
}

/** A small processor in margin-evaluation's place: every closed account is an event that says how many were closed so far. */
const closingProcessor = (
  onRestore: () => void,
): Processor<Closing, AccountClosed, ScopeTrusted> => ({
  service: 'margin-evaluation',
  logicVersion: 1,
  settings: 'none',
  handlers: {
    AccountClosed(state, { account }, turn) {
      state.closed += 1
      turn.emit({ type: 'ScopeTrusted', scope: account, ledgerSequence: state.closed })
    },
  },
  initialState: () => ({ closed: 0 }),
  nextDeadline: () => null,
  onTick: () => undefined,
  onRefusedRecord: () => undefined,
  snapshot: state => Buffer.from(JSON.stringify(state)),
  restore: bytes => {
    onRestore()
    return JSON.parse(Buffer.from(bytes).toString()) as Closing
  },
})

/** A task for each partition of accounts. */
export const closingService = (onRestore: () => void = () => undefined): Service =>
  serviceOf({
    name: 'margin-evaluation',
    taskCount: ({ evaluators }) => evaluators,
    inputs: (layout, partition) => [
      ...inputsOf(layout, 'operations'),
      inputOf(layout, 'accounts', partition),
    ],
    processor: () => closingProcessor(onRestore),
  })

/** Closes accounts of these numbers in one partition. */
export async function closeAccounts(
  log: StreamLog,
  partition: number,
  numbers: readonly number[],
): Promise<void> {
  const closed = (number: number) =>
    new EventToAppend({
      type: 'AccountClosed',
      account: `account-${number}`,
      isolatedInstrument: null,
      ledgerSequence: number,
    })
  await log.append({ topic: 'accounts', partition }, numbers.map(closed))
}
