import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sluice } from './commands.ts'

const PAGE = new URL('../../../docs/how-to/connect-your-exchange.md', import.meta.url)
const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
)
const textOf = (language: string): readonly string[] =>
  blocks.filter(block => block.language === language).map(({ text }) => text)

describe('connect your exchange, word for word', () => {
  let folder: string
  const at = (name: string): string => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-connect-'))
    writeFileSync(at('sluice.yaml'), textOf('yaml').at(-1)!)
    writeFileSync(at('messages.jsonl'), textOf('jsonl').join(''))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  test('what is tried is what the page shows', async () => {
    const [command = ''] = textOf('sh')
    const words = command.trim().split(' ').slice(1)
    const placed = words.map(word => (/\.(yaml|jsonl)$/.test(word) ? at(word) : word))
    const { code, stdout, stderr } = await sluice(...placed)
    expect(stderr).toBe('')
    expect(stdout).toBe(textOf('text')[0])
    expect(code).toBe(0)
  }, 60_000)

  test('a mapping that cannot work is refused with every fault and its place', async () => {
    const wrong = textOf('yaml')
      .at(-1)!
      .replace('priceTicks: p\n', 'prize: p\n')
      .replace('{ BID: buy, ASK: sell }', '{ BID: bid, ASK: sell }')
    writeFileSync(at('wrong.yaml'), wrong)
    const ended = await sluice(
      ...['formats', 'try', 'market-data', at('messages.jsonl'), '--config', at('wrong.yaml')],
    )
    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(/TradePrinted has no such field/)
    expect(ended.stderr).toMatch(/rules\.0\.fields\.priceTicks.*it must be given/)
    expect(ended.stderr).toMatch(/"bid" is none of buy, sell/)
  }, 60_000)
})
