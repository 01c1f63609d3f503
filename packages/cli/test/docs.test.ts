import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import type { Command } from 'commander'
import { createProgram } from '../src/program.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const subfoldersOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name))

/** Every Markdown page that a reader may come by, from the root of the repository. */
const PAGES = [
  '.',
  'docs',
  ...subfoldersOf('docs'),
  ...subfoldersOf('packages'),
  ...subfoldersOf('services'),
  'bench',
  'infra',
].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
)

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')
const FENCED = /^```[^\n]*\n([\s\S]*?)^```/gm

interface Link {
  readonly page: string
  readonly path: string
  readonly anchor: string
}

/** Links to other places of the repository, in the prose of a page. */
function linksOf(page: string): Link[] {
  const prose = textOf(page)
    .replace(FENCED, '')
    .replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s"[^"]*")?\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return []
    const [path = '', anchor = ''] = target.split('#')
    return [{ page, path, anchor }]
  })
}

const placeOf = ({ page, path }: Link): string =>
  path === '' ? join(root, page) : resolve(root, dirname(page), path)

/** A heading as the end of an address, the way GitHub writes it. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

function hasAnchor(file: string, anchor: string): boolean {
  const text = readFileSync(file, 'utf8').replace(FENCED, '')
  const headings = [...text.matchAll(/^#+\s+(.*)$/gm)].map(([, heading = '']) => slugOf(heading))
  return headings.includes(anchor) || text.includes(`id="${anchor}"`)
}

describe('documentation', () => {
  test('every package and every service has a README', () => {
    const folders = [...subfoldersOf('packages'), ...subfoldersOf('services'), 'bench']
    const missing = folders.filter(folder => !existsSync(join(root, folder, 'README.md')))
    expect(missing).toEqual([])
  })

  test('every relative link leads to a file of the repository', () => {
    const links = PAGES.flatMap(linksOf)
    expect(links.length).toBeGreaterThan(50)
    const broken = links.filter(link => {
      const place = placeOf(link)
      return relative(root, place).startsWith('..') || !existsSync(place)
    })
    expect(broken).toEqual([])
  })

  test('every anchor of a link is a heading of its page', () => {
    const anchored = PAGES.flatMap(linksOf).filter(({ anchor }) => anchor !== '')
    const broken = anchored.filter(link => {
      const place = placeOf(link)
      return existsSync(place) && place.endsWith('.md') && !hasAnchor(place, link.anchor)
    })
    expect(broken).toEqual([])
  })
})

interface CommandLine {
  readonly page: string
  readonly words: readonly string[]
  /** Nothing has to be filled in, and nothing is left out: it stands in a block, without words in capitals or brackets. */
  readonly isWhole: boolean
}

const COMMAND =
  /(?:^|pnpm@10 )(?:sluice|node packages\/cli\/dist\/main\.js) ([^\n]+?)(?=\s*(?:;|\||&&|\s>|\s#|$))/
const TO_FILL_IN = /(?:^| )(?:[A-Z]{2,}…?|ID|…|\[.*|<.*)(?: |$)/

/** Command lines in code blocks and in inline code. Prose is not looked at. */
function commandLinesOf(page: string): CommandLine[] {
  const text = textOf(page).replaceAll('\\\n', ' ')
  const prose = text.replace(FENCED, '')
  const blocks = [
    ...[...text.matchAll(FENCED)].flatMap(([, block = '']) => block.split('\n')),
    ...[...prose.matchAll(/^ {4}(.*)$/gm)].map(([, line = '']) => line),
  ]
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const lineOf = (code: string, isBlock: boolean): CommandLine[] => {
    const [, given = ''] = COMMAND.exec(code.trim()) ?? []
    const words = given.split(/\s+/).map(word => word.replace(/^\[|[\],]+$/g, ''))
    const isWhole = isBlock && !TO_FILL_IN.test(given)
    return given === '' ? [] : [{ page, words: words.filter(word => word !== ''), isWhole }]
  }
  return [
    ...blocks.flatMap(code => lineOf(code, true)),
    ...inline.flatMap(code => lineOf(code, false)),
  ]
}

const COMMAND_LINES = PAGES.flatMap(commandLinesOf)

const childOf = (command: Command, name: string): Command | undefined =>
  command.commands.find(each => each.name() === name)

/** `apply|check` names two subcommands. */
const isChoice = (command: Command, word: string): boolean =>
  word.includes('|') && word.split('|').every(name => childOf(command, name) !== undefined)

function faultOf({ words }: CommandLine): string | undefined {
  let command: Command = createProgram()
  for (const [index, word] of words.entries()) {
    if (/^(--help|--version|<command>|…)$/.test(word)) return undefined
    const child = childOf(command, word)
    if (child === undefined) return optionFaultOf(command, words.slice(index))
    command = child
  }
  return undefined
}

function optionFaultOf(command: Command, [word = '', ...rest]: readonly string[]) {
  if (command.commands.length > 0)
    return isChoice(command, word) ? undefined : `${command.name()} has no command ${word}`
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]))
  const unknown = [word, ...rest].find(
    each => /^--?[a-z]/.test(each) && each !== '--help' && !known.has(each),
  )
  return unknown === undefined ? undefined : `${command.name()} has no option ${unknown}`
}

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(each => withSubcommands(each)),
]

/** Reads a command line as the program would, without doing what it says. */
async function parse({ words }: CommandLine): Promise<void> {
  const program = createProgram()
  for (const command of withSubcommands(program)) {
    command.configureOutput({ writeErr: () => undefined })
    if (command.commands.length === 0) command.action(() => undefined)
  }
  await program.parseAsync(words, { from: 'user' })
}

describe('command lines in the documentation', () => {
  test('name commands and options that exist', () => {
    const faults = COMMAND_LINES.flatMap(line => {
      const fault = faultOf(line)
      return fault === undefined ? [] : [`${line.page}: sluice ${line.words.join(' ')}: ${fault}`]
    })
    expect(faults).toEqual([])
    expect(COMMAND_LINES.length).toBeGreaterThan(20)
  })

  test('are accepted as they stand where nothing has to be filled in', async () => {
    const whole = COMMAND_LINES.filter(({ isWhole, words }) => isWhole && !words.includes('--help'))
    expect(whole.length).toBeGreaterThan(5)
    const faults: string[] = []
    for (const line of whole) {
      await parse(line).catch((error: unknown) => {
        faults.push(`${line.page}: sluice ${line.words.join(' ')}: ${String(error)}`)
      })
    }
    expect(faults).toEqual([])
  })
})
