/** pino 9 and 10: the hook in the options, an existing logger, and what monitoring agents read. */

// #region pino
import { redactPino, redactPinoTracing } from 'guillemet/log/pino'
import { createRedactor } from 'guillemet/redact'
import pino from 'pino'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } }) // or a vault's: vault.redactor
redactPinoTracing(redactor) // before an agent starts: it reads each line before any hook

const out = pino.destination({ sync: true })
const logger = pino(redactPino(redactor, { base: null, timestamp: false }), out)
logger.info({ authorization: 'Bearer sk-4c1f0e9d2b' }, 'sent') // prints: "authorization":"Bearer [secret:stripe]","msg":"sent"
logger.child({ key: 'sk-4c1f0e9d2b' }).info('child') // prints: "key":"[secret:stripe]","msg":"child"
logger.error(new TypeError('no sk-4c1f0e9d2b')) // prints: "type":"TypeError","message":"no [secret:stripe]"

const existing = pino({ mixin: () => ({ token: 'sk-4c1f0e9d2b' }) }, out)
redactPino(redactor, existing) // in place, with all its children
existing.info('mixed in') // prints: "token":"[secret:stripe]","msg":"mixed in"
// #endregion
