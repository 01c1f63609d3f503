import { ROLES, asCommands, rightsOf, type Role } from '@sluice/stream-kafka/acls'
import { Command, InvalidArgumentError, Option } from 'commander'
import { kafkaPlace } from '../kafka-place.ts'
import { Output } from '../output.ts'

/** `sluice topics acl` */
export const topicsAclCommand = (): Command =>
  new Command('acl')
    .description('print the rights that each principal needs, and no others')
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .addOption(
      new Option('--format <format>', 'a script for kafka-acls.sh, or JSON')
        .choices(['kafka-acls', 'json'])
        .default('kafka-acls'),
    )
    .option(
      '--principal <role=principal>',
      `other than User:<namespace>-<role>, for one of ${ROLES.join(', ')}; may be repeated`,
      addPrincipal,
      {},
    )
    .exitOverride()
    .action(({ config, format, principal }: AclOptions) => {
      const { prefix, layout } = kafkaPlace(config)
      const rights = rightsOf({ names: layout.names, prefix, principals: principal })
      new Output({ json: format === 'json' }).result({ rights }, () => asCommands(rights).trimEnd())
    })

type Principals = Readonly<Partial<Record<Role, string>>>

interface AclOptions {
  readonly config?: string
  readonly format: 'kafka-acls' | 'json'
  readonly principal: Principals
}

function addPrincipal(text: string, before: Principals): Principals {
  const [name = '', ...rest] = text.split('=')
  const role = ROLES.find(each => each === name)
  if (role !== undefined && rest.length > 0) return { ...before, [role]: rest.join('=') }
  throw new InvalidArgumentError(`Give role=principal, with a role of ${ROLES.join(', ')}.`)
}
