import { describe, expect, test } from '@jest/globals'
import type { Clock } from '../src/clock.ts'
import { HandlerFailedError } from '../src/errors.ts'
import { MemoryLog } from '../src/memory-log.ts'
import { run } from '../src/run.ts'
import { Task } from '../src/task.ts'
import { appendTrades, counting, echoing, PRICE } from './counting.ts'

/** A clock that jumps to whatever is waited for. */
class JumpingClock implements Clock {
  time = 1000

  now(): number {
    return this.time
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise(setImmediate)
    if (!signal.aborted) this.time += ms
  }
}

const ECHO = { topic: 'margin-evaluation', partition: 0 }

describe('the live loop', () => {
  test('drives several tasks until it is told to stop, and gives silent inputs a last receipt', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    await appendTrades(log, [1, 1, 1, 1])
    const stop = new AbortController()
    const price = new Task(counting(log), {
      onConfirmed: ({ events }) => {
        if (events.some(({ type }) => type === 'PriceSourceExcluded')) stop.abort()
      },
    })
    const echo = new Task(echoing(log))
    const ends = await run([price, echo], { log, signal: stop.signal, clock: new JumpingClock() })
    expect(ends).toEqual([
      { task: 'price-0', reason: 'stopped' },
      { task: 'margin-evaluation-0', reason: 'stopped' },
    ])
    expect(price.confirmedState()).toMatchObject({ lots: 4, nextTickAt: null })
    expect(await log.end(ECHO)).toBe(4)
  })

  test('sends again after a pause when the log does not answer', async () => {
    const log = new MemoryLog({
      clock: () => 1000,
      fault: append => (append >= 3 && append < 6 ? 'lost' : 'none'),
    })
    await appendTrades(log, [1, 1, 1])
    const stop = new AbortController()
    const task = new Task(counting(log), {
      onConfirmed: ({ events }) => {
        if (events.length > 0) stop.abort()
      },
    })
    await run([task], { log, signal: stop.signal, clock: new JumpingClock() })
    expect(await log.end(PRICE)).toBe(3)
  })

  test('stops every task when one fails, and throws its error', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 666])
    const options = { log, signal: new AbortController().signal, clock: new JumpingClock() }
    const running = run([new Task(counting(log)), new Task(echoing(log))], options)
    await expect(running).rejects.toThrow(HandlerFailedError)
  })

  test('does not take a task over that is stopped while it recovers', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 1, 1])
    const first = new Task(counting(log))
    await first.start()
    while ((await first.step()).outcome === 'worked');
    const end = await log.end(PRICE)
    const stop = new AbortController()
    const stopAtOnce = () => stop.abort()
    const options = { log, signal: stop.signal, clock: new JumpingClock(), onStep: stopAtOnce }
    const ends = await run([new Task(counting(log))], options)
    expect(ends).toEqual([{ task: 'price-0', reason: 'stopped' }])
    expect(await log.end(PRICE)).toBe(end)
  })

  test('ends with the task when another owner has taken over', async () => {
    const log = new MemoryLog()
    const old = new Task(counting(log), { generation: 1 })
    await old.start()
    await new Task(counting(log), { generation: 2 }).start()
    const options = { log, signal: new AbortController().signal, clock: new JumpingClock() }
    expect(await run([old], options)).toEqual([{ task: 'price-0', reason: 'ended' }])
  })

  test('gives inputs without output a receipt when the interval has passed', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    await appendTrades(log, [13 + 1])
    const stop = new AbortController()
    const clock = new JumpingClock()
    const task = new Task(counting(log), {
      onConfirmed: ({ receipt }) => {
        if (receipt.inputRuns.length > 0) stop.abort()
      },
    })
    await run([task], { log, signal: stop.signal, clock, receiptIntervalMs: 400 })
    expect(clock.time).toBe(1400)
  })

  test('keeps the timer that is set while records wake the task, and stops it at the end', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    const stop = new AbortController()
    const set: AbortSignal[] = []
    const clock: Clock = {
      now: () => 1000,
      wait: (_ms, signal) => {
        set.push(signal)
        return new Promise(resolve => {
          signal.addEventListener('abort', () => resolve())
        })
      },
    }
    const task = new Task(counting(log))
    let outcomes: string[] = []
    const running = run([task], {
      log,
      clock,
      signal: stop.signal,
      onStep: (_task, { outcome }) => outcomes.push(outcome),
    })
    for (let record = 1; record <= 10; record += 1) {
      outcomes = []
      await appendTrades(log, [1])
      while (!outcomes.join().endsWith('worked,waiting')) await new Promise(setImmediate)
    }
    stop.abort()
    await running
    expect(set.map(({ aborted }) => aborted)).toEqual([true])
  })
})
