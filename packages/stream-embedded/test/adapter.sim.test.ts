import { describeStreamLog } from '@sluice/testkit/adapter-suite'
import type { LogUnderTest } from '@sluice/testkit/adapter-suite'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { EmbeddedLog, EmbeddedLogOptions } from '@sluice/stream-embedded/embedded-log'
import { newDirectory, removeDirectory } from './directories.ts'

let now = 0

describeStreamLog('the embedded log, each append durable by itself', () => under('each'), {
  setClock: time => (now = time),
})

describeStreamLog('the embedded log, with almost no memory', () => under('each', 1), {
  setClock: time => (now = time),
})

describeStreamLog('the embedded log, durable by groups', () => under('group'), {
  setClock: time => (now = time),
})

/** Group mode has its directory for itself: no second handle, and a commit before it is opened again. */
async function under(mode: 'each' | 'group', cacheBytes?: number): Promise<LogUnderTest> {
  const directory = await newDirectory()
  const handles: EmbeddedLog[] = []
  now = 0
  const open = (): EmbeddedLog => {
    const options: EmbeddedLogOptions = { directory, mode, clock: () => now }
    const log = openEmbeddedLog(cacheBytes === undefined ? options : { ...options, cacheBytes })
    handles.push(log)
    return log
  }
  const log = open()
  const closeAll = async () => {
    for (const handle of handles.splice(0)) await handle.close()
  }
  return {
    log,
    ...(mode === 'each' ? { second: () => Promise.resolve(open()) } : {}),
    reopen: async () => {
      if (mode === 'group') log.commit()
      await closeAll()
      return open()
    },
    dispose: async () => {
      await closeAll()
      await removeDirectory(directory)
    },
  }
}
