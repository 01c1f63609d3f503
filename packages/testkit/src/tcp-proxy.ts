import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** What becomes of bytes on their way: passed on, kept back until later, or swallowed. */
type Flow = 'pass' | 'hold' | 'drop'

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

/** Something between a client and a server that does what networks do. Connections it has are treated as new ones are. */
export class TcpProxy {
  readonly address: HostAndPort
  readonly #target: HostAndPort
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #held: (() => void)[] = []
  #requests: Flow = 'pass'
  #answers: Flow = 'pass'
  #isCut = false

  private constructor(server: Server, target: HostAndPort) {
    this.#server = server
    this.#target = target
    this.address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
    server.on('connection', client => {
      this.#connect(client)
    })
  }

  static async start(target: HostAndPort): Promise<TcpProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, target)
  }

  /** All connections break, and none is made until `mend`. What was held is lost. */
  cut(): void {
    this.#isCut = true
    this.#held.length = 0
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server.destroy()
    }
  }

  /** The server gets what is asked, and its answers are lost. */
  dropAnswers(): void {
    this.#answers = 'drop'
  }

  /** Nothing gets through either way until `mend`. */
  stall(): void {
    this.#requests = 'hold'
    this.#answers = 'hold'
  }

  /** All is as it should be; what was held goes on, in order. */
  mend(): void {
    this.#isCut = false
    this.#requests = 'pass'
    this.#answers = 'pass'
    for (const deliver of this.#held.splice(0)) deliver()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #connect(client: Socket): void {
    if (this.#isCut) {
      client.destroy()
      return
    }
    const server = connect(this.#target)
    const pair = { client, server }
    this.#pairs.add(pair)
    client.on('data', bytes => {
      this.#pass(this.#requests, server, bytes)
    })
    server.on('data', bytes => {
      this.#pass(this.#answers, client, bytes)
    })
    for (const [side, other] of [
      [client, server],
      [server, client],
    ] as const) {
      side.on('error', () => undefined)
      side.on('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
  }

  #pass(flow: Flow, to: Socket, bytes: Buffer): void {
    if (flow === 'pass') to.write(bytes)
    if (flow === 'hold') this.#held.push(() => to.write(bytes))
  }
}
