/** Only the redactor, in a logger you have: no vault, no key, no storage. */

process.env.STRIPE_KEY = 'sk-4c1f0e9d2b'

// #region four-lines
import { redactPino } from 'guillemet/log/pino'
import { createRedactor } from 'guillemet/redact'
import pino from 'pino'

const redactor = createRedactor({ secrets: { stripe: process.env.STRIPE_KEY } })
const logger = pino(redactPino(redactor))
logger.info({ authorization: `Basic ${btoa(`app:${process.env.STRIPE_KEY}`)}` }, 'sent')
// prints: "authorization":"Basic YXBwO[secret:stripe]","msg":"sent"
// #endregion
