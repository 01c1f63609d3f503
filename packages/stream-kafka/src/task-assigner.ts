import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'
import { shareTasks, type TaskHolder } from './share-tasks.ts'

/** What a member tells its group: the tasks it has, and since when. */
export type Held = Omit<TaskHolder, 'id'>

const NAME = 'SluiceTasks'
const VERSION = 1
const NOTHING: Held = { held: [], generation: 0 }

/**
 * Assigns task numbers as partitions of `topic`, which has at least as many. Whoever leads the group shares them out by what its members
 * say they have.
 */
export function taskAssigner(
  topic: string,
  taskCount: number,
  heldNow: () => Held,
): PartitionAssigner {
  return () => ({
    name: NAME,
    version: VERSION,
    assign: ({ members }) => {
      const holders = members.map(({ memberId, memberMetadata }) => ({
        id: memberId,
        ...heldOf(memberMetadata),
      }))
      const shares = [...shareTasks(taskCount, holders)]
      return Promise.resolve(
        shares.map(([memberId, tasks]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: { [topic]: [...tasks] },
            userData: Buffer.alloc(0),
          }),
        })),
      )
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(heldNow())),
      }),
    }),
  })
}

/** What a member cannot say in our words it does not have. */
function heldOf(metadata: Buffer): Held {
  try {
    const said = AssignerProtocol.MemberMetadata.decode(metadata)
    const value: unknown = JSON.parse(said?.userData.toString() ?? '')
    return isHeld(value) ? value : NOTHING
  } catch {
    return NOTHING
  }
}

const isHeld = (value: unknown): value is Held =>
  typeof value === 'object' &&
  value !== null &&
  'generation' in value &&
  Number.isSafeInteger(value.generation) &&
  'held' in value &&
  Array.isArray(value.held) &&
  value.held.every(task => Number.isSafeInteger(task))
