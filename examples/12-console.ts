/** console: an object with the same methods that prints redacted copies; the global one is left alone. */

// #region console
import { redactConsole } from 'guillemet/log/console'
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })
const log = redactConsole(redactor)

log.info('key %s', 'sk-4c1f0e9d2b', { list: ['sk-4c1f0e9d2b'] }) // prints: key [secret:stripe] { list: [ '[secret:stripe]' ] }
log.info(new Map([['key', Buffer.from('sk-4c1f0e9d2b')]]).get('key')?.toString()) // prints: [secret:stripe]
// #endregion
