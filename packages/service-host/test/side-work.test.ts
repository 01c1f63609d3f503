import { expect, test } from '@jest/globals'
import { withSideWork, type Work } from '../src/side-work.ts'

const aborted: Work<void> = signal =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
const never = new AbortController().signal

test('side work is stopped when the main work is over', async () => {
  await expect(withSideWork(never, () => Promise.resolve('done'), [aborted])).resolves.toBe('done')
})

test('an error of side work stops the main work and is what is thrown', async () => {
  const failing: Work<void> = () => Promise.reject(new RangeError('no room'))
  await expect(withSideWork(never, aborted, [failing])).rejects.toThrow('no room')
})

test('an error of the main work comes before one of side work', async () => {
  const failing: Work<void> = async signal => {
    await aborted(signal)
    throw new RangeError('second')
  }
  const main: Work<void> = () => Promise.reject(new RangeError('first'))
  await expect(withSideWork(never, main, [failing])).rejects.toThrow('first')
})

test('both stop when the signal aborts', async () => {
  const stop = new AbortController()
  const work = withSideWork(stop.signal, aborted, [aborted])
  stop.abort()
  await expect(work).resolves.toBeUndefined()
})
