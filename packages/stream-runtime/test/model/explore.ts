/** What can happen next, in words, and where it leads. */
export interface Step<State> {
  readonly label: string
  readonly state: State
}

export interface Model<State> {
  initial(): State
  /** Equal states have equal keys. */
  keyOf(state: State): string
  next(state: State): readonly Step<State>[]
  /** What is wrong with a state, or undefined. `ordinal` counts states, for checks that are made on a sample. */
  faultOf(state: State, ordinal: number): string | undefined
}

export interface Exploration {
  readonly states: number
  readonly depth: number
  /** All states within the bounds were seen. */
  readonly complete: boolean
  readonly fault: string | undefined
  /** The steps that lead to the fault; no shorter way does. */
  readonly trace: readonly string[]
}

interface Visited<State> {
  readonly state: State
  readonly parent: number
  readonly label: string
  readonly depth: number
}

/** Breadth-first, with a set of the states seen: the first fault found has a shortest trace. */
export function explore<State>(model: Model<State>, statesMax: number): Exploration {
  const seen = new Set<string>()
  const visited: Visited<State>[] = []
  const visit = (entry: Visited<State>) => {
    const key = model.keyOf(entry.state)
    if (seen.has(key)) return
    seen.add(key)
    visited.push(entry)
  }
  visit({ state: model.initial(), parent: -1, label: '', depth: 0 })
  for (let ordinal = 0; ordinal < visited.length; ordinal += 1) {
    const entry = visited[ordinal]!
    const end = { states: visited.length, depth: entry.depth }
    const fault = model.faultOf(entry.state, ordinal)
    if (fault !== undefined)
      return { ...end, complete: false, fault, trace: traceTo(visited, ordinal) }
    if (visited.length >= statesMax) return { ...end, complete: false, fault, trace: [] }
    for (const { label, state } of model.next(entry.state))
      visit({ state, parent: ordinal, label, depth: entry.depth + 1 })
  }
  const depth = visited.at(-1)?.depth ?? 0
  return { states: visited.length, depth, complete: true, fault: undefined, trace: [] }
}

function traceTo<State>(visited: readonly Visited<State>[], ordinal: number): string[] {
  const labels: string[] = []
  for (let at = visited[ordinal]; at !== undefined && at.parent >= 0; at = visited[at.parent])
    labels.unshift(at.label)
  return labels
}
