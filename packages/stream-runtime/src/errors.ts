/** Where in the stream something is wrong. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export const placeText = ({ topic, partition, offset }: Place): string =>
  `${topic}-${partition}@${offset}`

export type ForkReason =
  | 'sequence_ahead'
  | 'sequence_wrong'
  | 'event_numbers_wrong'
  | 'task_wrong'
  | 'receipt_unreadable'
  | 'receipt_missing'
  | 'batch_incomplete'
  | 'events_root_wrong'
  | 'offset_wrong'
  | 'confirmed_batch_lost'

/** Rule 3: this log has lost data, or somebody broke the contract. Nothing that reads it may go on. */
export class LogForkedError extends Error {
  override readonly name = 'LogForkedError'
  readonly place: Place
  readonly reason: ForkReason

  constructor(place: Place, reason: ForkReason, detail: string) {
    super(
      `${placeText(place)}: ${detail} (${reason}). The log lost or changed data here: restore it from a copy, ` +
        'check the copy with `sluice verify`, and start again.',
    )
    this.place = place
    this.reason = reason
  }
}

export type DivergenceKind =
  | 'event'
  | 'event_missing'
  | 'event_unexpected'
  | 'inputs_root'
  | 'input_run'
  | 'upstream_head'
  | 'tick'
  | 'input_refused_by_handler'
  | 'state_hash'
  | 'coverage'
  | 'tenure'

export interface Divergence {
  readonly task: string
  /** Sequence of the receipt. */
  readonly receipt: number
  readonly kind: DivergenceKind
  /** Id of the first event or input that differs. */
  readonly first: string
  readonly logged: string
  readonly replayed: string
}

/** Replaying a receipt's inputs gives something else than the log holds. The task refuses to serve. */
export class ReplayDivergedError extends Error {
  override readonly name = 'ReplayDivergedError'
  readonly divergence: Divergence

  constructor(divergence: Divergence) {
    const { task, receipt, kind, first, logged, replayed } = divergence
    super(
      `${task}, receipt ${receipt}: ${kind} differs first at ${first}; the log holds ${logged}, the replay gives ${replayed}. ` +
        'Either the log was changed or this build decides differently: run the build that wrote it, or restore the log.',
    )
    this.divergence = divergence
  }
}

/** The receipts were written under other rules than this processor's. */
export class RulesChangedError extends Error {
  override readonly name = 'RulesChangedError'
  readonly task: string
  readonly receipt: number

  constructor(at: { task: string; receipt: number }, what: string) {
    super(
      `${at.task}, receipt ${at.receipt}: ${what}. Start this task with the version and settings that wrote the log, ` +
        'or begin a new log.',
    )
    this.task = at.task
    this.receipt = at.receipt
  }
}

/** A handler threw what is not a refusal. The state may be half changed, so the task has ended. */
export class HandlerFailedError extends Error {
  override readonly name = 'HandlerFailedError'
  readonly task: string
  readonly inputId: string

  constructor(task: string, inputId: string, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    super(
      `${task} failed at input ${inputId} (${what}). Nothing of its batch was written; correct the processor and start again.`,
      { cause },
    )
    this.task = task
    this.inputId = inputId
  }
}

/** The task was asked for something that its place in the life cycle does not allow. */
export class TaskEndedError extends Error {
  override readonly name = 'TaskEndedError'
}

/** A snapshot's bytes are not what its manifest says. Delete it: replay from an older one gives the same state. */
export class SnapshotDamagedError extends Error {
  override readonly name = 'SnapshotDamagedError'
}
