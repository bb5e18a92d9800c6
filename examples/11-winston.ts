/** winston 3: one format, the last of the logger's own; formats of transports come after it. */

// #region winston
import { redactWinston } from 'guillemet/log/winston'
import { createRedactor } from 'guillemet/redact'
import winston from 'winston'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })
const { combine, errors, json } = winston.format

const logger = winston.createLogger({
  format: combine(errors({ stack: true }), json(), redactWinston(redactor)),
  transports: [new winston.transports.Console()],
})
logger.info('sent', { token: 'sk-4c1f0e9d2b' }) // prints: "message":"sent","token":"[secret:stripe]"
logger.error(new TypeError('no sk-4c1f0e9d2b')) // prints: TypeError: no [secret:stripe]
// #endregion
