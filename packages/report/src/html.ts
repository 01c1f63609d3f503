import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Chart, ReportData } from './report-data.ts'

const require = createRequire(import.meta.url)
const asset = (path: string): string => readFileSync(require.resolve(path), 'utf8')

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, character => ENTITIES[character] ?? '')

const STYLE = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1b2733; background: #f6f8fa }
body { max-width: 1060px; margin: 0 auto; padding: 24px }
h1 { margin: 0; font-size: 26px } h2 { margin: 0 0 8px; font-size: 16px }
p.subtitle { margin: 4px 0 20px; color: #52616f } code { background: #e8edf1; padding: 2px 6px; border-radius: 4px }
section { background: #fff; border: 1px solid #dfe5ea; border-radius: 8px; padding: 16px; margin: 0 0 16px; overflow-x: auto }
table { border-collapse: collapse; width: 100% } th, td { padding: 6px 10px; text-align: right; border-top: 1px solid #edf1f4 }
th:first-child, td:first-child { text-align: left } thead th { border: 0; color: #52616f; font-weight: 600 }
`

/** Draws every chart of the page; plain script, since the page must work from a file. */
const SCRIPT = `
const colours = ['#0b6e99', '#d9480f', '#5f3dc4', '#2b8a3e', '#c2255c', '#868e96', '#e67700', '#1864ab']
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })
const charts = JSON.parse(document.getElementById('charts').textContent)
charts.forEach((chart, index) => {
  const place = document.getElementById('chart-' + index)
  const series = chart.series.map((line, at) => ({
    label: line.label, stroke: colours[at % colours.length], width: 1.5, spanGaps: true,
    value: (_plot, value) => (value === null ? '–' : compact.format(value) + ' ' + chart.unit),
  }))
  const plot = new uPlot({
    width: place.clientWidth, height: 260, tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    series: [{}, ...series], axes: [{}, { size: 70, values: (_plot, ticks) => ticks.map(tick => compact.format(tick)) }],
  }, [chart.times, ...chart.series.map(line => line.values)], place)
  addEventListener('resize', () => plot.setSize({ width: place.clientWidth, height: 260 }))
})
`

const chartSection = (chart: Chart, index: number): string =>
  `<section><h2>${escape(chart.title)} (${escape(chart.unit)})</h2><div id="chart-${index}"></div></section>`

function table({ runs, rows }: ReportData): string {
  const head = ['', ...runs].map(name => `<th>${escape(name)}</th>`).join('')
  const body = rows.map(
    ({ label, values }) =>
      `<tr><td>${escape(label)}</td>${values.map(value => `<td>${escape(value)}</td>`).join('')}</tr>`,
  )
  return `<section><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></section>`
}

/**
 * One self-contained page: no network, no other file. Script and style of the chart library are inlined; data lies in the
 * page as JSON, with `<` escaped so that no text can end its element.
 */
export function renderReport(data: ReportData): string {
  const charts = JSON.stringify(data.charts).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(data.title)}</title><style>${asset('uplot/dist/uPlot.min.css')}${STYLE}</style></head><body>
<h1>${escape(data.title)}</h1><p class="subtitle">${escape(data.subtitle)}<br><code>${escape(data.command)}</code></p>
${table(data)}
${data.charts.map(chartSection).join('\n')}
<script type="application/json" id="charts">${charts}</script>
<script>${asset('uplot/dist/uPlot.iife.min.js')}</script><script>${SCRIPT}</script>
</body></html>
`
}
