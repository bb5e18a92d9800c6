/** Loggers of HTTP servers: Fastify and pino-http take pino's options or logger, morgan a stream. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { redactPino } from 'guillemet/log/pino'
import { createRedactor } from 'guillemet/redact'
import morgan from 'morgan'
import pino from 'pino'
import { pinoHttp } from 'pino-http'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })

// #region fastify
const app = Fastify({ logger: redactPino(redactor, { level: 'info' }) })
// #endregion
await app.inject('/?key=sk-4c1f0e9d2b') // prints: "url":"/?key=[secret:stripe]"
await app.close()

// #region pino-http
const logRequests = pinoHttp({ logger: redactPino(redactor, pino()) }) // prints: "authorization":"Bearer [secret:stripe]"
// #endregion
await serveOnce((request, response) => {
  logRequests(request, response)
  response.end()
})

// #region morgan
const logAccess = morgan('tiny', { stream: { write: (line) => process.stdout.write(redactor.text(line)) } })
// prints: GET /?key=[secret:stripe] 200
// #endregion
await serveOnce((request, response) => logAccess(request, response, () => response.end()))

/** One request to a server of its own, until both are done. */
async function serveOnce(listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await fetch(`http://127.0.0.1:${port}/?key=sk-4c1f0e9d2b`, { headers: { authorization: 'Bearer sk-4c1f0e9d2b' } })
  server.close()
  await once(server, 'close')
}
