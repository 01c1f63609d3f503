import type { Context } from './context.ts'
import { resumeHalted } from './life.ts'
import { refuse } from './refusals.ts'
import type { Intervention, Liquidation, State } from './state.ts'

/** Whether an intervention still stands; refused if it had lapsed when it arrived. */
function stands(
  context: Context,
  order: { readonly type: string; readonly actor: string } & Intervention,
): boolean {
  const { expiresAt } = order
  if (expiresAt === null || expiresAt > context.turn.now) return true
  const detail = `${order.type} by ${order.actor} lapsed at ${expiresAt}: give it again`
  refuse(context.turn, 'intervention_expired', detail)
  return false
}

/** Every liquidation stops within this input: nothing new is asked, and what works is cancelled. */
export function onKillSwitchEngaged(
  context: Context,
  order: { readonly type: string; readonly actor: string } & Intervention,
): boolean {
  if (!stands(context, order)) return false
  context.state.killSwitch = { expiresAt: order.expiresAt }
  return true
}

/** As the kill switch, for one scope; it may come before the liquidation does. */
export function onScopeHeld(
  context: Context,
  order: { readonly type: string; readonly actor: string; readonly scope: string } & Intervention,
): Liquidation | undefined {
  if (!stands(context, order)) return undefined
  context.state.holds.set(order.scope, { expiresAt: order.expiresAt })
  return context.state.liquidations.get(order.scope)
}

/** The scope goes on. This is also how a person sends a halted liquidation on its way again. */
export function onScopeReleased(context: Context, scope: string): Liquidation | undefined {
  context.state.holds.delete(scope)
  const liquidation = context.state.liquidations.get(scope)
  if (liquidation?.stage.name === 'halted') resumeHalted(context, liquidation)
  return liquidation
}

/** When the next intervention lapses by itself, or null. */
export function earliestExpiry({ killSwitch, holds, parked }: State): number | null {
  const times = [...holds.values(), ...(killSwitch === null ? [] : [killSwitch])].flatMap(
    ({ expiresAt }) => expiresAt ?? [],
  )
  for (const { deadline } of parked.values()) times.push(deadline)
  return times.length === 0 ? null : Math.min(...times)
}

/** Takes back what has lapsed; says whether the kill switch did, and which scopes are free again. */
export function lapse(state: State, now: number): { everyone: boolean; scopes: readonly string[] } {
  const hasLapsed = ({ expiresAt }: Intervention): boolean => expiresAt !== null && expiresAt <= now
  const everyone = state.killSwitch !== null && hasLapsed(state.killSwitch)
  if (everyone) state.killSwitch = null
  const lapsed = [...state.holds].filter(([, hold]) => hasLapsed(hold)).map(([scope]) => scope)
  for (const scope of lapsed) state.holds.delete(scope)
  return { everyone, scopes: lapsed.sort() }
}
