/** Loggers of HTTP servers: Fastify and pino-http take pino's options or logger, morgan a stream. */

import { createServer } from 'node:http'
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

// #region morgan
const logAccess = morgan('tiny', { stream: { write: (line) => process.stdout.write(redactor.text(line)) } })
// prints: GET /?key=[secret:stripe] 200
// #endregion

const server = createServer((request, response) => {
  logRequests(request, response)
  logAccess(request, response, () => response.end())
})
server.listen(0, '127.0.0.1', async () => {
  const address = server.address()
  if (address === null || typeof address === 'string') return
  const headers = { authorization: 'Bearer sk-4c1f0e9d2b' }
  await fetch(`http://127.0.0.1:${address.port}/?key=sk-4c1f0e9d2b`, { headers })
  server.close()
})
