/** Times as they are stored: ISO 8601 in UTC with milliseconds, years 0000 to 9999. */

const STORED = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
// a time without an offset would mean another moment on another machine
const GIVEN =
  /^(\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/
const FINER_THAN_MILLISECONDS = /(\.\d{3})\d+/

/** Whether the value is a time in the stored form, one that the calendar has. */
export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && STORED.test(value) && Number(value.slice(8, 10)) <= daysInMonthOf(value)
}

// by the calendar, not by a Date: three times are read with every record, and each Date takes over a microsecond
function daysInMonthOf(iso: string): number {
  const year = Number(iso.slice(0, 4))
  const month = Number(iso.slice(5, 7))
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
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
