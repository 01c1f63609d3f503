import fastify, { type FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'

export interface ServerOptions {
  readonly registry: Registry
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** Answers who watches the process: `/metrics`, `/livez` and `/readyz`. */
export interface ObservabilityServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string
  /** From now on `/readyz` says 200: state is restored and input flows. */
  ready(): void
  /** From now on `/readyz` says 503, as it did at the start: no traffic, but no restart either. */
  notReady(): void
  close(): Promise<void>
}

/** Starts listening. @throws if the address is taken or not ours. */
export async function startServer(options: ServerOptions): Promise<ObservabilityServer> {
  const state = { isReady: false }
  const app = fastify({ forceCloseConnections: true })
  addRoutes(app, options.registry, state)
  const url = await app.listen({ host: options.host, port: options.port })
  return {
    url,
    ready: () => void (state.isReady = true),
    notReady: () => void (state.isReady = false),
    close: () => app.close(),
  }
}

function addRoutes(
  app: FastifyInstance,
  registry: Registry,
  state: { readonly isReady: boolean },
): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics()
    return reply.type(registry.contentType).send(text)
  })
  app.get('/livez', () => ({ status: 'alive' }))
  app.get('/readyz', (_request, reply) =>
    state.isReady ? { status: 'ready' } : reply.code(503).send({ status: 'restoring' }),
  )
}
