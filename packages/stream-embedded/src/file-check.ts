import { fstatSync } from 'node:fs'
import { LogDamagedError } from './errors.ts'
import type { MetaPage } from './meta-pages.ts'

/** @throws LogDamagedError if pages in use lie beyond the end of the file. */
export function checkNotCut(file: number, meta: MetaPage): void {
  const pages = Math.floor(fstatSync(file).size / meta.pageBytes)
  if (meta.lastPage < pages) return
  throw new LogDamagedError(`the file has ${pages} pages, ${meta.lastPage + 1} are in use`)
}
