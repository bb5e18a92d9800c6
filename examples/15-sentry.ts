/** Sentry: pass the options of `init` through the redactor; your own hooks run first. */

import { captureException, createTransport, setCurrentClient } from '@sentry/core'
import { ServerRuntimeClient, type ServerRuntimeClientOptions } from '@sentry/core/server'
import { redactSentry } from 'guillemet/log/sentry'
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })

// What `init` of @sentry/node does, with a transport that prints.
const Sentry = {
  init(options: Partial<ServerRuntimeClientOptions>) {
    const client = new ServerRuntimeClient({
      integrations: [],
      stackParser: () => [],
      transport: (given) =>
        createTransport(given, async ({ body }) => {
          console.log(String(body))
          return { statusCode: 200 }
        }),
      ...options,
    })
    setCurrentClient(client)
    client.init()
  },
}

// #region sentry
Sentry.init(
  redactSentry(redactor, {
    dsn: 'https://public@sentry.example/1',
    beforeSend: (event) => ({ ...event, extra: { note: 'your own hook, and sk-4c1f0e9d2b' } }),
  }),
)
// #endregion
captureException(new TypeError('no sk-4c1f0e9d2b')) // prints: "type":"TypeError","value":"no [secret:stripe]"
