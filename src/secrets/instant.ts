/** Times as they are stored: ISO 8601 in UTC with milliseconds, years 0000 to 9999. */

const STORED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
// a time without an offset would mean another moment on another machine
const GIVEN =
  /^(\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/
const FINER_THAN_MILLISECONDS = /(\.\d{3})\d+/

/** Whether the value is a time in the stored form, one that the calendar has. */
export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && STORED.test(value) && isoOf(Date.parse(value)) === value
}

/**
 * The stored form of a Date, or of a text in ISO 8601 with `Z` or an offset, or of a day, which begins in UTC;
 * undefined for anything else. What is finer than a millisecond is cut off.
 */
export function toInstant(value: unknown): string | undefined {
  const iso = isoOf(typeof value === 'string' ? millisecondsOf(value) : timeOf(value))
  return isInstant(iso) ? iso : undefined
}

function millisecondsOf(text: string): number {
  const match = GIVEN.exec(text)
  // Date.parse moves the 30th of February to March
  if (match === null || !isInstant(`${match[1]}T00:00:00.000Z`)) return Number.NaN
  return Date.parse(text.replace(FINER_THAN_MILLISECONDS, '$1'))
}

/** Reads a Date of any realm, and nothing that only looks like one. */
function timeOf(value: unknown): number {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return Number.NaN
  }
}

function isoOf(milliseconds: number): string | undefined {
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString()
}
