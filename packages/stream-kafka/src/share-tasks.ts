/** A member of the group, and the tasks it has had since a generation. */
export interface TaskHolder {
  readonly id: string
  readonly held: readonly number[]
  readonly generation: number
}

/**
 * Shares tasks 0 to `taskCount` − 1 among members: nobody has two more than another, and of what a member has it keeps what its share
 * allows, so that a member that joins or leaves moves no more tasks than it must. Of two that claim a task the one of the later generation
 * has it. A function of its arguments: the order of members does not matter.
 */
export function shareTasks(
  taskCount: number,
  members: readonly TaskHolder[],
): ReadonlyMap<string, readonly number[]> {
  const claims = claimsOf(taskCount, members)
  const inOrder = [...members].sort(
    (a, b) => (claims.get(b.id)?.length ?? 0) - (claims.get(a.id)?.length ?? 0) || compare(a, b),
  )
  const shares = new Map<string, number[]>()
  const kept = new Set<number>()
  inOrder.forEach(({ id }, index) => {
    const share = (claims.get(id) ?? []).slice(0, sizeOf(index, taskCount, members.length))
    for (const task of share) kept.add(task)
    shares.set(id, share)
  })
  const free = tasksUpTo(taskCount).filter(task => !kept.has(task))
  inOrder.forEach(({ id }, index) => {
    const share = shares.get(id) ?? []
    share.push(...free.splice(0, sizeOf(index, taskCount, members.length) - share.length))
    share.sort((a, b) => a - b)
  })
  return shares
}

const tasksUpTo = (count: number): number[] => Array.from({ length: count }, (_, task) => task)

/** The first members have one more where the tasks do not go up evenly. */
const sizeOf = (index: number, tasks: number, members: number): number =>
  Math.floor(tasks / members) + (index < tasks % members ? 1 : 0)

const compare = (a: TaskHolder, b: TaskHolder): number => (a.id < b.id ? -1 : 1)

/** What each member has, every task at one member only. */
function claimsOf(
  taskCount: number,
  members: readonly TaskHolder[],
): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<number, string>()
  const latestFirst = [...members].sort((a, b) => b.generation - a.generation || compare(a, b))
  for (const { id, held } of latestFirst)
    for (const task of held) if (task < taskCount && !holders.has(task)) holders.set(task, id)
  const claims = new Map<string, number[]>()
  for (const task of tasksUpTo(taskCount)) {
    const id = holders.get(task)
    if (id !== undefined) claims.set(id, [...(claims.get(id) ?? []), task])
  }
  return claims
}
