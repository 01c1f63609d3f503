import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'

const NO_DATA = Buffer.alloc(0)
const VERSION = 1

/** Gives the only member of a group exactly these partitions: who reads what is decided elsewhere. */
export function staticAssigner(
  partitionsByTopic: Readonly<Record<string, number[]>>,
): PartitionAssigner {
  const name = 'SluiceStatic'
  return () => ({
    name,
    version: VERSION,
    assign: ({ members }) =>
      Promise.resolve(
        members.map(({ memberId }) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: partitionsByTopic,
            userData: NO_DATA,
          }),
        })),
      ),
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: NO_DATA,
      }),
    }),
  })
}
