import kafkajs from 'kafkajs'
import type { AclEntry, AclOperationTypes as AclOperation } from 'kafkajs'
import type { Operation, Right } from './acls.ts'
import { withAdmin } from './kafka-admin.ts'
import type { KafkaClient } from './kafka-client.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const OPERATIONS: Readonly<Record<Operation, AclOperation>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
}
const RESOURCES = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP } as const
const PATTERNS = {
  literal: ResourcePatternTypes.LITERAL,
  prefixed: ResourcePatternTypes.PREFIXED,
} as const

/**
 * Gives the rights, beside those that exist. The client needs Alter on the cluster.
 *
 * @throws NotAuthorisedError if it lacks it; KafkaUnreachableError.
 */
export const applyRights = (client: KafkaClient, rights: readonly Right[]): Promise<void> =>
  withAdmin(client, 'giving rights', async admin => {
    await admin.createAcls({ acl: rights.flatMap(entriesOf) })
  })

const entriesOf = ({ principal, resource, name, pattern, operations }: Right): AclEntry[] =>
  operations.map(operation => ({
    principal,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
  }))
