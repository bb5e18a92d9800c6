/**
 * Redaction for winston 3: one format, the last of the logger's own.
 *
 * @module guillemet/log/winston
 */

import type { Redactor } from '../redact/redactor.ts'

/** What winston calls a format. */
export interface WinstonFormat {
  transform<T extends object>(info: T): T
}

// winston routes by the one and prints the other (triple-beam)
const LEVEL = Symbol.for('level')
const MESSAGE = Symbol.for('message')

/**
 * A format that hands on a redacted copy of the record, its symbols included.
 *
 * Put it last in `combine`: transports that print get a redacted line, which stays valid JSON, and transports that read
 * the record, or format it themselves, get redacted fields.
 *
 * @param redactor what it knows when a record is logged is masked
 * @example
 * ```ts
 * createLogger({ format: format.combine(format.errors({ stack: true }), format.json(), redactWinston(redactor)) })
 * ```
 */
export function redactWinston(redactor: Redactor): WinstonFormat {
  return {
    transform(info) {
      const copy = redactor.value(info) as Record<symbol, unknown>
      const { [LEVEL]: level, [MESSAGE]: line } = info as Record<symbol, unknown>
      if (level !== undefined) copy[LEVEL] = level
      if (typeof line === 'string') copy[MESSAGE] = redactor.json(line)
      return copy as typeof info
    },
  }
}
