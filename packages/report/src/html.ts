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
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --text: #1b2733; --quiet: #52616f; --page: #f6f8fa; --card: #fff; --line: #dfe5ea; --code: #e8edf1 }
@media (prefers-color-scheme: dark) { :root {
  --text: #dde4ea; --quiet: #9aa7b3; --page: #12171c; --card: #1b2229; --line: #323c46; --code: #27313a } }
body { max-width: 1060px; margin: 0 auto; padding: 24px; color: var(--text); background: var(--page) }
h1 { margin: 0; font-size: 26px } h2 { margin: 0 0 8px; font-size: 16px }
p.subtitle { margin: 4px 0 20px; color: var(--quiet) }
code { background: var(--code); padding: 2px 6px; border-radius: 4px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 0 0 16px; overflow-x: auto }
section > table { border-collapse: collapse; width: 100% }
section > table :is(th, td) { padding: 6px 10px; text-align: right; border-top: 1px solid var(--line) }
section > table :is(th, td):first-child { text-align: left }
section > table thead th { border: 0; color: var(--quiet); font-weight: 600 }
.uplot { font-family: inherit } .u-legend { font-size: 13px }
@media (max-width: 600px) { body { padding: 12px } h1 { font-size: 22px } section { padding: 12px }
  section > table { font-size: 13px } section > table :is(th, td) { padding: 5px 4px } }
`

/** Draws every chart of the page, and draws them anew when the reader's colours change; plain script, since the page must work from a file. */
const SCRIPT = `
const LIGHT = ['#0b6e99', '#d9480f', '#5f3dc4', '#2b8a3e', '#c2255c', '#868e96', '#e67700', '#212529']
const DARK = ['#4dabf7', '#ff8a5c', '#b197fc', '#69db7c', '#f783ac', '#adb5bd', '#ffd43b', '#63e6be']
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })
const charts = JSON.parse(document.getElementById('charts').textContent)
const scheme = matchMedia('(prefers-color-scheme: dark)')
const utc = seconds => new Date(seconds * 1000).toISOString()
const hours = seconds => utc(seconds).slice(11, 16)
const withDay = (seconds, at) => hours(seconds) + (at === 0 || hours(seconds) === '00:00' ? '\\n' + utc(seconds).slice(0, 10) : '')
const sizeOf = place => ({ width: place.clientWidth, height: 260 })

function draw(chart, place) {
  const colours = scheme.matches ? DARK : LIGHT
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name)
  const axis = { stroke: css('--quiet'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line'), width: 1 } }
  const series = chart.series.map((line, at) => ({
    label: line.label, stroke: colours[at % colours.length], width: 1.5, spanGaps: true,
    value: (_plot, value) => (value === null ? '–' : compact.format(value) + ' ' + chart.unit),
  }))
  return new uPlot({
    ...sizeOf(place), padding: [null, 24, null, null], tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    series: [{ label: 'UTC', value: (_plot, time) => (time === null ? '–' : utc(time).slice(11, 19)) }, ...series],
    axes: [
      { ...axis, space: 64, values: (_plot, ticks) => ticks.map(withDay) },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map(tick => compact.format(tick)) },
    ],
  }, [chart.times, ...chart.series.map(line => line.values)], place)
}

const places = charts.map((_chart, index) => document.getElementById('chart-' + index))
const drawAll = () => charts.map((chart, index) => draw(chart, places[index]))
let plots = drawAll()
scheme.addEventListener('change', () => {
  plots.forEach(plot => plot.destroy())
  plots = drawAll()
})
addEventListener('resize', () => plots.forEach((plot, index) => plot.setSize(sizeOf(places[index]))))
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
