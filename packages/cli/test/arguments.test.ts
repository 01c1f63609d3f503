import { describe, expect, test } from '@jest/globals'
import { CommanderError, InvalidArgumentError } from 'commander'
import { listOf, wholeNumber } from '../src/arguments.ts'
import { createProgram } from '../src/program.ts'
import { parseReceipt } from '../src/receipt-name.ts'

const COMMANDS = [
  'demo',
  'simulate',
  'compare',
  'run',
  'stack',
  'verify',
  'replay',
  'ops',
  'bootstrap',
  'dlq',
  'shadow',
  'topics',
  'schemas',
  'formats',
  'capture',
  'state',
  'explain',
  'doctor',
  'bench',
]

/** Parses a command line that must not get as far as running anything. */
async function complaint(...args: readonly string[]): Promise<string> {
  const program = createProgram()
  let said = ''
  const output = {
    writeErr: (text: string) => (said += text),
    writeOut: (text: string) => (said += text),
  }
  program.configureOutput(output)
  for (const command of program.commands.flatMap(each => [each, ...each.commands]))
    command.configureOutput(output)
  const error: unknown = await program.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CommanderError)) throw new Error(`sluice ${args.join(' ')} was accepted`)
  return said
}

describe('a whole number between two bounds', () => {
  const parse = wholeNumber(1, 64)

  test.each(['1', '64', '007'])('is read from %s', text => {
    expect(parse(text)).toBe(Number(text))
  })

  test.each(['0', '65', '-1', '1.5', '1e1', '0x10', '', ' 7', '７', 'NaN', 'Infinity'])(
    'is not read from "%s"',
    text => {
      expect(() => parse(text)).toThrow(InvalidArgumentError)
      expect(() => parse(text)).toThrow('Give a whole number from 1 to 64.')
    },
  )
})

describe('a list of words', () => {
  const parse = listOf(['partial', 'full'])

  test('is read with or without blanks, in the order given', () => {
    expect(parse('full, partial')).toEqual(['full', 'partial'])
  })

  test.each(['', 'partial,', 'Partial', 'full;partial'])('is not read from "%s"', text => {
    expect(() => parse(text)).toThrow(/is not one of partial, full\.$/)
  })
})

describe('the name of a receipt', () => {
  test('is its task and its sequence there', () => {
    expect(parseReceipt('margin-evaluation-12#120')).toEqual({
      task: 'margin-evaluation-12',
      sequence: 120,
    })
  })

  test.each([
    'price-0',
    'price-0#0',
    'price-0#-1',
    'price#1',
    '#1',
    'price-0#1.5',
    'price-0/1',
    '',
  ])('is not "%s"', text => {
    expect(() => parseReceipt(text)).toThrow(
      'Give a receipt as task#sequence, for example price-0#12.',
    )
  })
})

describe('the command line', () => {
  test('lists every command with what it does', () => {
    const program = createProgram()
    expect(program.commands.map(command => command.name())).toEqual(COMMANDS)
    const help = program.helpInformation()
    for (const name of COMMANDS) expect(help).toMatch(new RegExp(`^  ${name}\\b.* {2,}\\S`, 'm'))
  })

  test.each(COMMANDS)('explains %s with --help', async name => {
    const help = await complaint(name, '--help')
    expect(help).toMatch(new RegExp(`^Usage: sluice ${name} `))
    expect(help).toContain('-h, --help')
  })

  test.each([
    { args: ['frobnicate'], says: /unknown command 'frobnicate'/ },
    { args: ['verify'], says: /missing required argument 'directory'/ },
    { args: ['verify', 'out', '--nonsense'], says: /unknown option '--nonsense'/ },
    { args: ['simulate', '--accounts', '0'], says: /Give a whole number from 1 to 2000000\./ },
    { args: ['simulate', '--accounts', 'many'], says: /Give a whole number/ },
    { args: ['simulate', '--seed', '-1'], says: /Give a whole number from 0/ },
    { args: ['simulate', '--policy', 'half'], says: /Allowed choices are partial, full/ },
    { args: ['simulate', '--scenario', 'boom'], says: /Allowed choices are flash-crash/ },
    {
      args: ['simulate', '--scenario', 'calm', '--prices', 'a.csv'],
      says: /'--scenario <name>' cannot be used with option '--prices <files\.\.\.>'/,
    },
    { args: ['ops', 'kill', '--reason', 'x'], says: /required option '--actor <name>'/ },
    {
      args: ['ops', 'override', 'ann', '-1', '--actor', 'a', '--reason', 'b'],
      says: /Give a number above 0/,
    },
    {
      args: ['ops', 'hold', 'ann', '--for', 'ever', '--actor', 'a', '--reason', 'b'],
      says: /Give a time such as 30s/,
    },
    {
      args: ['ops', 'mode', 'half', '--actor', 'a', '--reason', 'b'],
      says: /Allowed choices are live, shadow/,
    },
    { args: ['state', 'out'], says: /required option '--task <name>' not specified/ },
    {
      args: ['state', 'out', '--task', 'price-0', '--at', '0'],
      says: /Give a whole number from 1/,
    },
    { args: ['replay', 'out', '--to', '12'], says: /Give a receipt as task#sequence/ },
    { args: ['explain', 'out'], says: /give the id of a liquidation, or --list/ },
  ])('refuses: sluice $args', async ({ args, says }) => {
    expect(await complaint(...args)).toMatch(says)
  })
})
