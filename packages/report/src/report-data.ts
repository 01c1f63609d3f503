/** One line of a chart: values at `times`, null where nothing is known. */
export interface Series {
  readonly label: string
  readonly values: readonly (number | null)[]
}

/** A chart of several series over the same times (seconds since 1970, ascending). */
export interface Chart {
  readonly title: string
  readonly unit: string
  readonly times: readonly number[]
  readonly series: readonly Series[]
}

/** A figure for each run, side by side. */
export interface ComparisonRow {
  readonly label: string
  readonly values: readonly string[]
}

/** Everything a report shows. */
export interface ReportData {
  readonly title: string
  readonly subtitle: string
  /** Names of the runs, in the order of every row's values. */
  readonly runs: readonly string[]
  readonly rows: readonly ComparisonRow[]
  readonly charts: readonly Chart[]
  /** What was run, as a command line. */
  readonly command: string
}
