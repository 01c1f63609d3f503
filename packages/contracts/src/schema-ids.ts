/**
 * Ids of the schemas in the 5-byte header of every record, where no registry gives them. **Append only**: a number, once
 * given, means the same bytes for ever. A changed schema gets a new line here and keeps the old one readable.
 */
export const SCHEMA_IDS = {
  BatchReceipt: 1,
  InputRefused: 2,

  TradePrinted: 100,
  BookTopUpdated: 101,
  BookDepthUpdated: 102,
  IndexComponentPriced: 103,
  FundingRateUpdated: 104,
  BookSnapshotTaken: 105,
  BookDepthChanged: 106,

  InstrumentListed: 200,
  InstrumentHalted: 201,
  InstrumentResumed: 202,
  RiskTiersSet: 203,
  LiquidationPolicySet: 204,
  PriceSourcesSet: 205,
  InsurancePoolSet: 206,

  AccountUpdated: 300,
  AccountChanged: 301,
  AccountClosed: 302,
  SnapshotCompleted: 304,

  KillSwitchEngaged: 400,
  KillSwitchReleased: 401,
  ScopeHeld: 402,
  ScopeReleased: 403,
  PolicyActivated: 404,
  TriggerOverridden: 405,
  ModeChanged: 406,
  RecordRedriven: 407,

  OrderAccepted: 500,
  OrderRejected: 501,
  OrderFilled: 502,
  OrderExpired: 503,
  OrdersCancelled: 504,
  DeleveragingExecuted: 505,
  DeleveragingRejected: 506,
  FundMovementBooked: 507,
  FundMovementRefused: 508,
  FeeBooked: 509,
  LossShareBooked: 510,

  IndexPriceUpdated: 600,
  MarkPriceUpdated: 601,
  PriceSourceExcluded: 602,
  PriceSourceRestored: 603,
  PriceQualityChanged: 604,
  BookLiquidityUpdated: 605,
  BookDistrusted: 606,
  BookTrusted: 607,

  MarginStatusChanged: 700,
  MarginCallIssued: 701,
  MarginCallCleared: 702,
  LiquidationTriggered: 709,
  AccountRiskReported: 704,
  DeleveragingCandidatesRanked: 705,
  LiquidationProfileReported: 706,
  ScopeDistrusted: 707,
  ScopeTrusted: 708,

  LiquidationStarted: 800,
  LiquidationAverted: 801,
  OrderCancellationRequested: 802,
  LiquidationOrderPlaced: 803,
  PositionReduced: 804,
  LiquidationFeeRequested: 805,
  LiquidationPaused: 806,
  LiquidationResumed: 807,
  FundMovementRequested: 808,
  DeleveragingRequested: 809,
  DeleveragingOrdered: 810,
  LossShareRequested: 811,
  LiquidationCompleted: 812,
  LiquidationHalted: 813,
  PoolReserved: 814,
  PoolReleased: 815,
  SlicePlanned: 816,

  CascadeOpened: 900,
  CascadeExtended: 901,
  CascadeClosed: 902,
  HeatMapUpdated: 903,
  CliffDetected: 904,

  VenueLiquidationReported: 1000,
} as const

/** An id that is read for ever and written no more: the record as it was before it grew by fields that may be null. */
export interface FormerSchema {
  readonly id: number
  readonly name: keyof typeof SCHEMA_IDS
  /** Fields that it did not have yet; they are read as null. */
  readonly without: readonly string[]
}

export const FORMER_SCHEMAS: readonly FormerSchema[] = [
  { id: 303, name: 'SnapshotCompleted', without: ['hash'] },
  { id: 703, name: 'LiquidationTriggered', without: ['triggerRatio'] },
]
