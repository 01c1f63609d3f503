import { describe, expect, test } from '@jest/globals'
import { renderReport } from '../src/html.ts'

const DATA = {
  title: 'Flash <crash>',
  subtitle: 'two policies',
  runs: ['partial', 'full'],
  rows: [{ label: 'Fund draw', values: ['1', '</script>2'] }],
  charts: [
    {
      title: 'Price',
      unit: 'USD',
      times: [1, 2],
      series: [{ label: '</script>', values: [1, null] }],
    },
  ],
  command: 'sluice demo',
}

describe('renderReport', () => {
  test('is one file that asks for nothing from anywhere', () => {
    const html = renderReport(DATA)
    expect(html).not.toMatch(/(src|href)=/)
    expect(html).toContain('uPlot')
  })

  test('escapes text, so that a label cannot leave its element', () => {
    const html = renderReport(DATA)
    expect(html).toContain('Flash &lt;crash&gt;')
    expect(html).not.toContain('</script>2')
    expect(html.match(/<\/script>/g)).toHaveLength(3)
  })

  test('carries the data of every chart', () => {
    const json = /id="charts">(.*?)<\/script>/s.exec(renderReport(DATA))?.[1] ?? ''
    expect(JSON.parse(json)).toEqual(DATA.charts)
  })
})
