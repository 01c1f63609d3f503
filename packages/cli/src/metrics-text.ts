/** Sum over all labels of a metric in Prometheus's text form; undefined if it is not there. */
export function sumOfMetric(text: string, name: string): number | undefined {
  const values = text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
