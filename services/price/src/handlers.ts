import type {
  MarketDataEvent,
  OperationsEvent,
  PriceEvent,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import type { Handlers } from '@sluice/stream-runtime/processor'
import type { PriceState } from './state.ts'

export type PriceInput = MarketDataEvent | ReferenceDataEvent | OperationsEvent

/** The part of the table of handlers that takes these inputs. */
export type PriceHandlers<In extends { readonly type: string }> = Handlers<
  PriceState,
  In,
  PriceEvent
>
