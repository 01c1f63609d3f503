// Generated from schemas/*.avsc by `pnpm generate`. Do not edit.

import { above, atLeast, each, fault, inside, type Limits } from '../limits.ts'
import type { ValueFault } from '../codec-errors.ts'
import type * as events from './events.ts'

function faultOfBatchReceipt(v: events.BatchReceipt): ValueFault | undefined {
  return (
    (v.sequence >= 0 ? undefined : fault('sequence', v.sequence, 'it must be at least 0')) ??
    (v.tenure >= 0 ? undefined : fault('tenure', v.tenure, 'it must be at least 0')) ??
    (v.firstEvent >= 0 ? undefined : fault('firstEvent', v.firstEvent, 'it must be at least 0')) ??
    (v.eventCount >= 0 && v.eventCount <= 2147483647 ? undefined : fault('eventCount', v.eventCount, 'it must be at least 0 and at most 2147483647')) ??
    (v.emittedOfLastInput >= 0 && v.emittedOfLastInput <= 2147483647 ? undefined : fault('emittedOfLastInput', v.emittedOfLastInput, 'it must be at least 0 and at most 2147483647')) ??
    (v.logicVersion >= 0 && v.logicVersion <= 2147483647 ? undefined : fault('logicVersion', v.logicVersion, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfBookLevel(v: events.BookLevel): ValueFault | undefined {
  return (
    (v.priceTicks >= 1 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.quantityLots >= 0 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 0'))
  )
}

function faultOfDeleveragingCandidate(v: events.DeleveragingCandidate): ValueFault | undefined {
  return (
    (Number.isFinite(v.score) ? undefined : fault('score', v.score, 'it must be finite'))
  )
}

function faultOfInputRefused(v: events.InputRefused): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.partition >= 0 && v.partition <= 2147483647 ? undefined : fault('partition', v.partition, 'it must be at least 0 and at most 2147483647')) ??
    (v.offset >= 0 ? undefined : fault('offset', v.offset, 'it must be at least 0'))
  )
}

function faultOfInputRun(v: events.InputRun): ValueFault | undefined {
  return (
    (v.partition >= 0 && v.partition <= 2147483647 ? undefined : fault('partition', v.partition, 'it must be at least 0 and at most 2147483647')) ??
    (v.fromOffset >= 0 ? undefined : fault('fromOffset', v.fromOffset, 'it must be at least 0')) ??
    (v.toOffset >= 0 ? undefined : fault('toOffset', v.toOffset, 'it must be at least 0')) ??
    (v.count >= 0 && v.count <= 2147483647 ? undefined : fault('count', v.count, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfLiquidityBand(v: events.LiquidityBand): ValueFault | undefined {
  return (
    atLeast(v.distanceRate, 'distanceRate', 0) ??
    (v.bidLots >= 0 ? undefined : fault('bidLots', v.bidLots, 'it must be at least 0')) ??
    (v.askLots >= 0 ? undefined : fault('askLots', v.askLots, 'it must be at least 0'))
  )
}

function faultOfMeta(v: events.Meta): ValueFault | undefined {
  return (
    (v.sequence >= 1 ? undefined : fault('sequence', v.sequence, 'it must be at least 1')) ??
    (v.time >= 0 ? undefined : fault('time', v.time, 'it must be at least 0')) ??
    (v.logicVersion >= 0 && v.logicVersion <= 2147483647 ? undefined : fault('logicVersion', v.logicVersion, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfOpenOrderTotal(v: events.OpenOrderTotal): ValueFault | undefined {
  return (
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1'))
  )
}

function faultOfPositionRisk(v: events.PositionRisk): ValueFault | undefined {
  return (
    (v.markTicks >= 1 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 1 and at most 999999999999999')) ??
    atLeast(v.notional, 'notional', 0) ??
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0) ??
    atLeast(v.maintenanceRate, 'maintenanceRate', 0) ??
    (v.tiersVersion >= 0 && v.tiersVersion <= 2147483647 ? undefined : fault('tiersVersion', v.tiersVersion, 'it must be at least 0 and at most 2147483647')) ??
    (v.liquidationPriceTicks === null ? undefined : (v.liquidationPriceTicks >= 0 && v.liquidationPriceTicks <= 999999999999999 ? undefined : fault('liquidationPriceTicks', v.liquidationPriceTicks, 'it must be at least 0 and at most 999999999999999'))) ??
    (v.bankruptcyPriceTicks === null ? undefined : (v.bankruptcyPriceTicks >= 0 && v.bankruptcyPriceTicks <= 999999999999999 ? undefined : fault('bankruptcyPriceTicks', v.bankruptcyPriceTicks, 'it must be at least 0 and at most 999999999999999')))
  )
}

function faultOfPriceSource(v: events.PriceSource): ValueFault | undefined {
  return (
    (v.weight >= 0 && v.weight <= 2147483647 ? undefined : fault('weight', v.weight, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfProfileBin(v: events.ProfileBin): ValueFault | undefined {
  return (
    (v.index >= -2147483648 && v.index <= 2147483647 ? undefined : fault('index', v.index, 'it must be at least -2147483648 and at most 2147483647')) ??
    (Number.isFinite(v.notional) && v.notional >= 0 ? undefined : fault('notional', v.notional, 'it must be finite and at least 0'))
  )
}

function faultOfRiskStatement(v: events.RiskStatement): ValueFault | undefined {
  return (
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0')) ??
    (v.evaluatedAt >= 0 ? undefined : fault('evaluatedAt', v.evaluatedAt, 'it must be at least 0')) ??
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0) ??
    each(v.positions, 'positions', faultOfPositionRisk) ??
    each(v.openOrders, 'openOrders', faultOfOpenOrderTotal) ??
    (v.policyVersion >= 0 && v.policyVersion <= 2147483647 ? undefined : fault('policyVersion', v.policyVersion, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfRiskTier(v: events.RiskTier): ValueFault | undefined {
  return (
    atLeast(v.notionalFloor, 'notionalFloor', 0) ??
    (v.notionalCap === null ? undefined : atLeast(v.notionalCap, 'notionalCap', 0)) ??
    atLeast(v.maintenanceRate, 'maintenanceRate', 0) ??
    (v.leverageMax >= 0 && v.leverageMax <= 2147483647 ? undefined : fault('leverageMax', v.leverageMax, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfSliceSizing(v: events.SliceSizing): ValueFault | undefined {
  return (
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0) ??
    (v.markTicks >= 0 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 0 and at most 999999999999999')) ??
    atLeast(v.maintenanceRate, 'maintenanceRate', 0) ??
    atLeast(v.restoreBuffer, 'restoreBuffer', 0) ??
    atLeast(v.expectedSlippage, 'expectedSlippage', 0) ??
    atLeast(v.feeRate, 'feeRate', 0) ??
    (v.restoreLots >= 0 ? undefined : fault('restoreLots', v.restoreLots, 'it must be at least 0')) ??
    (v.bookLots >= 0 ? undefined : fault('bookLots', v.bookLots, 'it must be at least 0')) ??
    (v.spokenLots >= 0 ? undefined : fault('spokenLots', v.spokenLots, 'it must be at least 0')) ??
    atLeast(v.bookFraction, 'bookFraction', 0) ??
    (v.bankruptcyTicks === null ? undefined : (v.bankruptcyTicks >= 0 && v.bankruptcyTicks <= 999999999999999 ? undefined : fault('bankruptcyTicks', v.bankruptcyTicks, 'it must be at least 0 and at most 999999999999999'))) ??
    atLeast(v.fundAllowance, 'fundAllowance', 0)
  )
}

function faultOfTickRun(v: events.TickRun): ValueFault | undefined {
  return (
    (v.tick >= 0 ? undefined : fault('tick', v.tick, 'it must be at least 0'))
  )
}

function faultOfAccountChanged(v: events.AccountChanged): ValueFault | undefined {
  return (
    (v.previousLedgerSequence >= 0 ? undefined : fault('previousLedgerSequence', v.previousLedgerSequence, 'it must be at least 0')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0')) ??
    (v.openOrders === null ? undefined : each(v.openOrders, 'openOrders', faultOfOpenOrderTotal))
  )
}

function faultOfAccountClosed(v: events.AccountClosed): ValueFault | undefined {
  return (
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfAccountUpdated(v: events.AccountUpdated): ValueFault | undefined {
  return (
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0')) ??
    each(v.openOrders, 'openOrders', faultOfOpenOrderTotal)
  )
}

function faultOfSnapshotCompleted(v: events.SnapshotCompleted): ValueFault | undefined {
  return (
    (v.scopeCount >= 0 ? undefined : fault('scopeCount', v.scopeCount, 'it must be at least 0')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfCascadeClosed(v: events.CascadeClosed): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.liquidations >= 0 && v.liquidations <= 2147483647 ? undefined : fault('liquidations', v.liquidations, 'it must be at least 0 and at most 2147483647')) ??
    (v.reductions >= 0 && v.reductions <= 2147483647 ? undefined : fault('reductions', v.reductions, 'it must be at least 0 and at most 2147483647')) ??
    (v.generations >= 0 && v.generations <= 2147483647 ? undefined : fault('generations', v.generations, 'it must be at least 0 and at most 2147483647')) ??
    atLeast(v.notional, 'notional', 0) ??
    (v.openTicks >= 0 && v.openTicks <= 999999999999999 ? undefined : fault('openTicks', v.openTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.extremeTicks >= 0 && v.extremeTicks <= 999999999999999 ? undefined : fault('extremeTicks', v.extremeTicks, 'it must be at least 0 and at most 999999999999999')) ??
    atLeast(v.deleveragedNotional, 'deleveragedNotional', 0) ??
    (v.openedAt >= 0 ? undefined : fault('openedAt', v.openedAt, 'it must be at least 0')) ??
    (v.lastAt >= 0 ? undefined : fault('lastAt', v.lastAt, 'it must be at least 0'))
  )
}

function faultOfCascadeExtended(v: events.CascadeExtended): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.generation >= -2147483648 && v.generation <= 2147483647 ? undefined : fault('generation', v.generation, 'it must be at least -2147483648 and at most 2147483647')) ??
    atLeast(v.notional, 'notional', 0)
  )
}

function faultOfCascadeOpened(v: events.CascadeOpened): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.markTicks >= 0 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 0 and at most 999999999999999'))
  )
}

function faultOfCliffDetected(v: events.CliffDetected): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.cliffTicks >= 0 && v.cliffTicks <= 999999999999999 ? undefined : fault('cliffTicks', v.cliffTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (Number.isFinite(v.distanceRate) && v.distanceRate >= 0 ? undefined : fault('distanceRate', v.distanceRate, 'it must be finite and at least 0')) ??
    (Number.isFinite(v.branchingRatio) ? undefined : fault('branchingRatio', v.branchingRatio, 'it must be finite'))
  )
}

function faultOfHeatMapUpdated(v: events.HeatMapUpdated): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.markTicks >= 0 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (Number.isFinite(v.binWidth) && v.binWidth >= 0 ? undefined : fault('binWidth', v.binWidth, 'it must be finite and at least 0')) ??
    each(v.longs, 'longs', faultOfProfileBin) ??
    each(v.shorts, 'shorts', faultOfProfileBin) ??
    (Number.isFinite(v.shockRate) && v.shockRate >= 0 ? undefined : fault('shockRate', v.shockRate, 'it must be finite and at least 0')) ??
    (v.projectedDownTicks >= 0 && v.projectedDownTicks <= 999999999999999 ? undefined : fault('projectedDownTicks', v.projectedDownTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.projectedUpTicks >= 0 && v.projectedUpTicks <= 999999999999999 ? undefined : fault('projectedUpTicks', v.projectedUpTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (Number.isFinite(v.branchingDown) ? undefined : fault('branchingDown', v.branchingDown, 'it must be finite')) ??
    (Number.isFinite(v.branchingUp) ? undefined : fault('branchingUp', v.branchingUp, 'it must be finite'))
  )
}

function faultOfDeleveragingExecuted(v: events.DeleveragingExecuted): ValueFault | undefined {
  return (
    (v.priceTicks >= 0 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfFeeBooked(v: events.FeeBooked): ValueFault | undefined {
  return (
    atLeast(v.amount, 'amount', 0) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfFundMovementBooked(v: events.FundMovementBooked): ValueFault | undefined {
  return (
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfLossShareBooked(v: events.LossShareBooked): ValueFault | undefined {
  return (
    atLeast(v.amount, 'amount', 0) ??
    (v.contributorCount >= 0 && v.contributorCount <= 2147483647 ? undefined : fault('contributorCount', v.contributorCount, 'it must be at least 0 and at most 2147483647')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfOrderExpired(v: events.OrderExpired): ValueFault | undefined {
  return (
    (v.filledLots >= 0 ? undefined : fault('filledLots', v.filledLots, 'it must be at least 0')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfOrderFilled(v: events.OrderFilled): ValueFault | undefined {
  return (
    (v.priceTicks >= 1 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfOrdersCancelled(v: events.OrdersCancelled): ValueFault | undefined {
  return (
    (v.orderCount >= 0 && v.orderCount <= 2147483647 ? undefined : fault('orderCount', v.orderCount, 'it must be at least 0 and at most 2147483647')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfDeleveragingOrdered(v: events.DeleveragingOrdered): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.priceTicks >= 0 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.rank >= 0 && v.rank <= 2147483647 ? undefined : fault('rank', v.rank, 'it must be at least 0 and at most 2147483647')) ??
    (Number.isFinite(v.score) ? undefined : fault('score', v.score, 'it must be finite'))
  )
}

function faultOfDeleveragingRequested(v: events.DeleveragingRequested): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.priceTicks >= 0 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.deadline >= 0 ? undefined : fault('deadline', v.deadline, 'it must be at least 0'))
  )
}

function faultOfFundMovementRequested(v: events.FundMovementRequested): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfLiquidationAverted(v: events.LiquidationAverted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfLiquidationCompleted(v: events.LiquidationCompleted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.slices >= 0 && v.slices <= 2147483647 ? undefined : fault('slices', v.slices, 'it must be at least 0 and at most 2147483647')) ??
    atLeast(v.reducedNotional, 'reducedNotional', 0) ??
    atLeast(v.deleveragedNotional, 'deleveragedNotional', 0) ??
    atLeast(v.fees, 'fees', 0) ??
    (v.startedAt >= 0 ? undefined : fault('startedAt', v.startedAt, 'it must be at least 0'))
  )
}

function faultOfLiquidationFeeRequested(v: events.LiquidationFeeRequested): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.notional, 'notional', 0) ??
    atLeast(v.feeRate, 'feeRate', 0) ??
    atLeast(v.amount, 'amount', 0)
  )
}

function faultOfLiquidationHalted(v: events.LiquidationHalted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfLiquidationOrderPlaced(v: events.LiquidationOrderPlaced): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.limitTicks >= 0 && v.limitTicks <= 999999999999999 ? undefined : fault('limitTicks', v.limitTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.slice >= 1 && v.slice <= 2147483647 ? undefined : fault('slice', v.slice, 'it must be at least 1 and at most 2147483647')) ??
    inside('sizing', faultOfSliceSizing(v.sizing))
  )
}

function faultOfLiquidationPaused(v: events.LiquidationPaused): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfLiquidationResumed(v: events.LiquidationResumed): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfLiquidationStarted(v: events.LiquidationStarted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.policyVersion >= 0 && v.policyVersion <= 2147483647 ? undefined : fault('policyVersion', v.policyVersion, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfLossShareRequested(v: events.LossShareRequested): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.amount, 'amount', 0)
  )
}

function faultOfOrderCancellationRequested(v: events.OrderCancellationRequested): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfPoolReleased(v: events.PoolReleased): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.amount, 'amount', 0) ??
    atLeast(v.reserved, 'reserved', 0) ??
    atLeast(v.poolAvailable, 'poolAvailable', 0)
  )
}

function faultOfPoolReserved(v: events.PoolReserved): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.amount, 'amount', 0) ??
    atLeast(v.reserved, 'reserved', 0) ??
    atLeast(v.poolAvailable, 'poolAvailable', 0) ??
    atLeast(v.closingLoss, 'closingLoss', 0)
  )
}

function faultOfPositionReduced(v: events.PositionReduced): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.priceTicks >= 1 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    atLeast(v.notional, 'notional', 0) ??
    (v.markTicks >= 0 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfSlicePlanned(v: events.SlicePlanned): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.limitTicks >= 0 && v.limitTicks <= 999999999999999 ? undefined : fault('limitTicks', v.limitTicks, 'it must be at least 0 and at most 999999999999999')) ??
    inside('sizing', faultOfSliceSizing(v.sizing))
  )
}

function faultOfAccountRiskReported(v: events.AccountRiskReported): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    inside('statement', faultOfRiskStatement(v.statement))
  )
}

function faultOfDeleveragingCandidatesRanked(v: events.DeleveragingCandidatesRanked): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    each(v.candidates, 'candidates', faultOfDeleveragingCandidate)
  )
}

function faultOfLiquidationProfileReported(v: events.LiquidationProfileReported): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.markTicks >= 0 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (Number.isFinite(v.binWidth) && v.binWidth >= 0 ? undefined : fault('binWidth', v.binWidth, 'it must be finite and at least 0')) ??
    each(v.bins, 'bins', faultOfProfileBin)
  )
}

function faultOfLiquidationTriggered(v: events.LiquidationTriggered): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    inside('statement', faultOfRiskStatement(v.statement)) ??
    (v.triggerRatio === null ? undefined : above(v.triggerRatio, 'triggerRatio', 0))
  )
}

function faultOfMarginCallCleared(v: events.MarginCallCleared): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0)
  )
}

function faultOfMarginCallIssued(v: events.MarginCallIssued): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.ratio, 'ratio', 0) ??
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0) ??
    atLeast(v.topUp, 'topUp', 0)
  )
}

function faultOfMarginStatusChanged(v: events.MarginStatusChanged): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    atLeast(v.maintenanceMargin, 'maintenanceMargin', 0)
  )
}

function faultOfScopeDistrusted(v: events.ScopeDistrusted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfScopeTrusted(v: events.ScopeTrusted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.ledgerSequence >= 0 ? undefined : fault('ledgerSequence', v.ledgerSequence, 'it must be at least 0'))
  )
}

function faultOfBookDepthChanged(v: events.BookDepthChanged): ValueFault | undefined {
  return (
    (v.previousUpdateId >= 0 ? undefined : fault('previousUpdateId', v.previousUpdateId, 'it must be at least 0')) ??
    (v.lastUpdateId >= 0 ? undefined : fault('lastUpdateId', v.lastUpdateId, 'it must be at least 0')) ??
    each(v.bids, 'bids', faultOfBookLevel) ??
    each(v.asks, 'asks', faultOfBookLevel)
  )
}

function faultOfBookDepthUpdated(v: events.BookDepthUpdated): ValueFault | undefined {
  return (
    each(v.bids, 'bids', faultOfBookLevel) ??
    each(v.asks, 'asks', faultOfBookLevel)
  )
}

function faultOfBookSnapshotTaken(v: events.BookSnapshotTaken): ValueFault | undefined {
  return (
    (v.updateId >= 0 ? undefined : fault('updateId', v.updateId, 'it must be at least 0')) ??
    each(v.bids, 'bids', faultOfBookLevel) ??
    each(v.asks, 'asks', faultOfBookLevel)
  )
}

function faultOfBookTopUpdated(v: events.BookTopUpdated): ValueFault | undefined {
  return (
    (v.bidTicks >= 0 && v.bidTicks <= 999999999999999 ? undefined : fault('bidTicks', v.bidTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.bidLots >= 0 ? undefined : fault('bidLots', v.bidLots, 'it must be at least 0')) ??
    (v.askTicks >= 0 && v.askTicks <= 999999999999999 ? undefined : fault('askTicks', v.askTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.askLots >= 0 ? undefined : fault('askLots', v.askLots, 'it must be at least 0'))
  )
}

function faultOfFundingRateUpdated(v: events.FundingRateUpdated): ValueFault | undefined {
  return (
    (v.nextFundingAt >= 0 ? undefined : fault('nextFundingAt', v.nextFundingAt, 'it must be at least 0'))
  )
}

function faultOfIndexComponentPriced(v: events.IndexComponentPriced): ValueFault | undefined {
  return (
    (v.priceTicks >= 1 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.sourceTime >= 0 ? undefined : fault('sourceTime', v.sourceTime, 'it must be at least 0'))
  )
}

function faultOfTradePrinted(v: events.TradePrinted): ValueFault | undefined {
  return (
    (v.priceTicks >= 1 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1'))
  )
}

function faultOfKillSwitchEngaged(v: events.KillSwitchEngaged): ValueFault | undefined {
  return (
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfKillSwitchReleased(v: events.KillSwitchReleased): ValueFault | undefined {
  return (
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfPolicyActivated(v: events.PolicyActivated): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfRecordRedriven(v: events.RecordRedriven): ValueFault | undefined {
  return (
    (v.partition >= 0 && v.partition <= 2147483647 ? undefined : fault('partition', v.partition, 'it must be at least 0 and at most 2147483647')) ??
    (v.offset >= 0 ? undefined : fault('offset', v.offset, 'it must be at least 0'))
  )
}

function faultOfScopeHeld(v: events.ScopeHeld): ValueFault | undefined {
  return (
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfScopeReleased(v: events.ScopeReleased): ValueFault | undefined {
  return (
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfTriggerOverridden(v: events.TriggerOverridden): ValueFault | undefined {
  return (
    (v.triggerRatio === null ? undefined : above(v.triggerRatio, 'triggerRatio', 0)) ??
    (v.expiresAt === null ? undefined : (v.expiresAt >= 0 ? undefined : fault('expiresAt', v.expiresAt, 'it must be at least 0')))
  )
}

function faultOfBookDistrusted(v: events.BookDistrusted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.updateId === null ? undefined : (v.updateId >= 0 ? undefined : fault('updateId', v.updateId, 'it must be at least 0'))) ??
    (v.nextUpdateId === null ? undefined : (v.nextUpdateId >= 0 ? undefined : fault('nextUpdateId', v.nextUpdateId, 'it must be at least 0')))
  )
}

function faultOfBookLiquidityUpdated(v: events.BookLiquidityUpdated): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.bidTicks >= 0 && v.bidTicks <= 999999999999999 ? undefined : fault('bidTicks', v.bidTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.askTicks >= 0 && v.askTicks <= 999999999999999 ? undefined : fault('askTicks', v.askTicks, 'it must be at least 0 and at most 999999999999999')) ??
    each(v.bands, 'bands', faultOfLiquidityBand)
  )
}

function faultOfBookTrusted(v: events.BookTrusted): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.updateId === null ? undefined : (v.updateId >= 0 ? undefined : fault('updateId', v.updateId, 'it must be at least 0')))
  )
}

function faultOfIndexPriceUpdated(v: events.IndexPriceUpdated): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.indexTicks >= 1 && v.indexTicks <= 999999999999999 ? undefined : fault('indexTicks', v.indexTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.sourceCount >= 0 && v.sourceCount <= 2147483647 ? undefined : fault('sourceCount', v.sourceCount, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfMarkPriceUpdated(v: events.MarkPriceUpdated): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.markTicks >= 1 && v.markTicks <= 999999999999999 ? undefined : fault('markTicks', v.markTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.indexTicks >= 1 && v.indexTicks <= 999999999999999 ? undefined : fault('indexTicks', v.indexTicks, 'it must be at least 1 and at most 999999999999999')) ??
    (v.fundingPriceTicks >= 0 && v.fundingPriceTicks <= 999999999999999 ? undefined : fault('fundingPriceTicks', v.fundingPriceTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.basisPriceTicks >= 0 && v.basisPriceTicks <= 999999999999999 ? undefined : fault('basisPriceTicks', v.basisPriceTicks, 'it must be at least 0 and at most 999999999999999')) ??
    (v.lastPriceTicks === null ? undefined : (v.lastPriceTicks >= 0 && v.lastPriceTicks <= 999999999999999 ? undefined : fault('lastPriceTicks', v.lastPriceTicks, 'it must be at least 0 and at most 999999999999999')))
  )
}

function faultOfPriceQualityChanged(v: events.PriceQualityChanged): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfPriceSourceExcluded(v: events.PriceSourceExcluded): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta)) ??
    (v.priceTicks === null ? undefined : (v.priceTicks >= 0 && v.priceTicks <= 999999999999999 ? undefined : fault('priceTicks', v.priceTicks, 'it must be at least 0 and at most 999999999999999'))) ??
    (v.medianTicks === null ? undefined : (v.medianTicks >= 0 && v.medianTicks <= 999999999999999 ? undefined : fault('medianTicks', v.medianTicks, 'it must be at least 0 and at most 999999999999999')))
  )
}

function faultOfPriceSourceRestored(v: events.PriceSourceRestored): ValueFault | undefined {
  return (
    inside('meta', faultOfMeta(v.meta))
  )
}

function faultOfInstrumentHalted(v: events.InstrumentHalted): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfInstrumentListed(v: events.InstrumentListed): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    above(v.lotSize, 'lotSize', 0) ??
    above(v.tickSize, 'tickSize', 0) ??
    (v.orderLotsMin >= 1 ? undefined : fault('orderLotsMin', v.orderLotsMin, 'it must be at least 1')) ??
    (v.orderLotsMax >= 1 ? undefined : fault('orderLotsMax', v.orderLotsMax, 'it must be at least 1'))
  )
}

function faultOfInstrumentResumed(v: events.InstrumentResumed): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfInsurancePoolSet(v: events.InsurancePoolSet): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    atLeast(v.balance, 'balance', 0)
  )
}

function faultOfLiquidationPolicySet(v: events.LiquidationPolicySet): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    above(v.triggerRatio, 'triggerRatio', 0) ??
    atLeast(v.restoreBuffer, 'restoreBuffer', 0) ??
    atLeast(v.expectedSlippage, 'expectedSlippage', 0) ??
    atLeast(v.feeRate, 'feeRate', 0) ??
    atLeast(v.bookFraction, 'bookFraction', 0) ??
    atLeast(v.bookDistanceRate, 'bookDistanceRate', 0) ??
    (v.cooldownMs >= 0 && v.cooldownMs <= 2147483647 ? undefined : fault('cooldownMs', v.cooldownMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.orderTimeoutMs >= 0 && v.orderTimeoutMs <= 2147483647 ? undefined : fault('orderTimeoutMs', v.orderTimeoutMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.triggerMaxAgeMs >= 0 && v.triggerMaxAgeMs <= 2147483647 ? undefined : fault('triggerMaxAgeMs', v.triggerMaxAgeMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.unfilledSlicesMax >= 0 && v.unfilledSlicesMax <= 2147483647 ? undefined : fault('unfilledSlicesMax', v.unfilledSlicesMax, 'it must be at least 0 and at most 2147483647')) ??
    (v.candidateDeadlineMs >= 0 && v.candidateDeadlineMs <= 2147483647 ? undefined : fault('candidateDeadlineMs', v.candidateDeadlineMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.candidatesMax >= 0 && v.candidatesMax <= 2147483647 ? undefined : fault('candidatesMax', v.candidatesMax, 'it must be at least 0 and at most 2147483647')) ??
    each(v.marginCallRatios, 'marginCallRatios', item => atLeast(item, '', 0)) ??
    atLeast(v.marginCallHysteresis, 'marginCallHysteresis', 0) ??
    (v.marginCallDwellMs >= 0 && v.marginCallDwellMs <= 2147483647 ? undefined : fault('marginCallDwellMs', v.marginCallDwellMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.riskReportIntervalMs >= 0 && v.riskReportIntervalMs <= 2147483647 ? undefined : fault('riskReportIntervalMs', v.riskReportIntervalMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.profileIntervalMs >= 0 && v.profileIntervalMs <= 2147483647 ? undefined : fault('profileIntervalMs', v.profileIntervalMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.parkMs >= 0 && v.parkMs <= 2147483647 ? undefined : fault('parkMs', v.parkMs, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfPriceSourcesSet(v: events.PriceSourcesSet): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    each(v.sources, 'sources', faultOfPriceSource) ??
    (v.quorum >= 0 && v.quorum <= 2147483647 ? undefined : fault('quorum', v.quorum, 'it must be at least 0 and at most 2147483647')) ??
    (v.sourceMaxAgeMs >= 0 && v.sourceMaxAgeMs <= 2147483647 ? undefined : fault('sourceMaxAgeMs', v.sourceMaxAgeMs, 'it must be at least 0 and at most 2147483647')) ??
    atLeast(v.outlierRate, 'outlierRate', 0) ??
    (v.lastPriceMaxAgeMs >= 0 && v.lastPriceMaxAgeMs <= 2147483647 ? undefined : fault('lastPriceMaxAgeMs', v.lastPriceMaxAgeMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.basisWindowMs >= 0 && v.basisWindowMs <= 2147483647 ? undefined : fault('basisWindowMs', v.basisWindowMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.basisSampleMs >= 0 && v.basisSampleMs <= 2147483647 ? undefined : fault('basisSampleMs', v.basisSampleMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.fundingIntervalMs >= 0 && v.fundingIntervalMs <= 2147483647 ? undefined : fault('fundingIntervalMs', v.fundingIntervalMs, 'it must be at least 0 and at most 2147483647')) ??
    (v.markIntervalMs >= 0 && v.markIntervalMs <= 2147483647 ? undefined : fault('markIntervalMs', v.markIntervalMs, 'it must be at least 0 and at most 2147483647')) ??
    each(v.liquidityDistanceRates, 'liquidityDistanceRates', item => atLeast(item, '', 0)) ??
    (v.liquidityIntervalMs >= 0 && v.liquidityIntervalMs <= 2147483647 ? undefined : fault('liquidityIntervalMs', v.liquidityIntervalMs, 'it must be at least 0 and at most 2147483647'))
  )
}

function faultOfRiskTiersSet(v: events.RiskTiersSet): ValueFault | undefined {
  return (
    (v.version >= 0 && v.version <= 2147483647 ? undefined : fault('version', v.version, 'it must be at least 0 and at most 2147483647')) ??
    each(v.tiers, 'tiers', faultOfRiskTier)
  )
}

function faultOfVenueLiquidationReported(v: events.VenueLiquidationReported): ValueFault | undefined {
  return (
    (v.quantityLots >= 1 ? undefined : fault('quantityLots', v.quantityLots, 'it must be at least 1')) ??
    (v.price === null ? undefined : above(v.price, 'price', 0)) ??
    (v.venueTime >= 0 ? undefined : fault('venueTime', v.venueTime, 'it must be at least 0'))
  )
}

export const LIMITS: Limits = {
  BatchReceipt: faultOfBatchReceipt,
  BookLevel: faultOfBookLevel,
  DeleveragingCandidate: faultOfDeleveragingCandidate,
  InputRefused: faultOfInputRefused,
  InputRun: faultOfInputRun,
  LiquidityBand: faultOfLiquidityBand,
  Meta: faultOfMeta,
  OpenOrderTotal: faultOfOpenOrderTotal,
  PositionRisk: faultOfPositionRisk,
  PriceSource: faultOfPriceSource,
  ProfileBin: faultOfProfileBin,
  RiskStatement: faultOfRiskStatement,
  RiskTier: faultOfRiskTier,
  SliceSizing: faultOfSliceSizing,
  TickRun: faultOfTickRun,
  AccountChanged: faultOfAccountChanged,
  AccountClosed: faultOfAccountClosed,
  AccountUpdated: faultOfAccountUpdated,
  SnapshotCompleted: faultOfSnapshotCompleted,
  CascadeClosed: faultOfCascadeClosed,
  CascadeExtended: faultOfCascadeExtended,
  CascadeOpened: faultOfCascadeOpened,
  CliffDetected: faultOfCliffDetected,
  HeatMapUpdated: faultOfHeatMapUpdated,
  DeleveragingExecuted: faultOfDeleveragingExecuted,
  FeeBooked: faultOfFeeBooked,
  FundMovementBooked: faultOfFundMovementBooked,
  LossShareBooked: faultOfLossShareBooked,
  OrderExpired: faultOfOrderExpired,
  OrderFilled: faultOfOrderFilled,
  OrdersCancelled: faultOfOrdersCancelled,
  DeleveragingOrdered: faultOfDeleveragingOrdered,
  DeleveragingRequested: faultOfDeleveragingRequested,
  FundMovementRequested: faultOfFundMovementRequested,
  LiquidationAverted: faultOfLiquidationAverted,
  LiquidationCompleted: faultOfLiquidationCompleted,
  LiquidationFeeRequested: faultOfLiquidationFeeRequested,
  LiquidationHalted: faultOfLiquidationHalted,
  LiquidationOrderPlaced: faultOfLiquidationOrderPlaced,
  LiquidationPaused: faultOfLiquidationPaused,
  LiquidationResumed: faultOfLiquidationResumed,
  LiquidationStarted: faultOfLiquidationStarted,
  LossShareRequested: faultOfLossShareRequested,
  OrderCancellationRequested: faultOfOrderCancellationRequested,
  PoolReleased: faultOfPoolReleased,
  PoolReserved: faultOfPoolReserved,
  PositionReduced: faultOfPositionReduced,
  SlicePlanned: faultOfSlicePlanned,
  AccountRiskReported: faultOfAccountRiskReported,
  DeleveragingCandidatesRanked: faultOfDeleveragingCandidatesRanked,
  LiquidationProfileReported: faultOfLiquidationProfileReported,
  LiquidationTriggered: faultOfLiquidationTriggered,
  MarginCallCleared: faultOfMarginCallCleared,
  MarginCallIssued: faultOfMarginCallIssued,
  MarginStatusChanged: faultOfMarginStatusChanged,
  ScopeDistrusted: faultOfScopeDistrusted,
  ScopeTrusted: faultOfScopeTrusted,
  BookDepthChanged: faultOfBookDepthChanged,
  BookDepthUpdated: faultOfBookDepthUpdated,
  BookSnapshotTaken: faultOfBookSnapshotTaken,
  BookTopUpdated: faultOfBookTopUpdated,
  FundingRateUpdated: faultOfFundingRateUpdated,
  IndexComponentPriced: faultOfIndexComponentPriced,
  TradePrinted: faultOfTradePrinted,
  KillSwitchEngaged: faultOfKillSwitchEngaged,
  KillSwitchReleased: faultOfKillSwitchReleased,
  PolicyActivated: faultOfPolicyActivated,
  RecordRedriven: faultOfRecordRedriven,
  ScopeHeld: faultOfScopeHeld,
  ScopeReleased: faultOfScopeReleased,
  TriggerOverridden: faultOfTriggerOverridden,
  BookDistrusted: faultOfBookDistrusted,
  BookLiquidityUpdated: faultOfBookLiquidityUpdated,
  BookTrusted: faultOfBookTrusted,
  IndexPriceUpdated: faultOfIndexPriceUpdated,
  MarkPriceUpdated: faultOfMarkPriceUpdated,
  PriceQualityChanged: faultOfPriceQualityChanged,
  PriceSourceExcluded: faultOfPriceSourceExcluded,
  PriceSourceRestored: faultOfPriceSourceRestored,
  InstrumentHalted: faultOfInstrumentHalted,
  InstrumentListed: faultOfInstrumentListed,
  InstrumentResumed: faultOfInstrumentResumed,
  InsurancePoolSet: faultOfInsurancePoolSet,
  LiquidationPolicySet: faultOfLiquidationPolicySet,
  PriceSourcesSet: faultOfPriceSourcesSet,
  RiskTiersSet: faultOfRiskTiersSet,
  VenueLiquidationReported: faultOfVenueLiquidationReported,
}
