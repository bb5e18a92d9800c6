/** Loggers without an integration of their own: redact at the last place before the record or line leaves. */

import { format } from 'node:util'
import bunyan from 'bunyan'
import { createConsola } from 'consola'
import debug from 'debug'
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })

// #region bunyan
const lines = { write: (line: string) => process.stdout.write(redactor.json(line)) }
const records = { write: (record: object) => console.log(redactor.value(record)) }
const logger = bunyan.createLogger({
  name: 'app',
  streams: [{ stream: lines as NodeJS.WritableStream }, { type: 'raw', stream: records as never }],
})
logger.info({ token: 'sk-4c1f0e9d2b' }, 'sent') // prints: "token":"[secret:stripe]","msg":"sent"
// #endregion

// #region consola
const consola = createConsola({
  reporters: [{ log: (entry) => console.log(redactor.value(entry).args) }],
})
consola.withTag('app').error(new TypeError('no sk-4c1f0e9d2b')) // prints: TypeError: no [secret:stripe]
// #endregion

// #region debug
debug.log = (...parts) => console.log(redactor.text(format(...parts)))
debug.enable('app')
debug('app')('key %o', { token: 'sk-4c1f0e9d2b' }) // prints: token: '[secret:stripe]'
// #endregion
