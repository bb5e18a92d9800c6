import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInstant, toInstant } from '../../src/secrets/instant.ts'
import { instant } from './arbitraries.ts'

describe('a time from a caller', () => {
  it.each([
    ['2027-03-04', '2027-03-04T00:00:00.000Z'],
    ['2027-03-04T05:06Z', '2027-03-04T05:06:00.000Z'],
    ['2027-03-04T05:06:07Z', '2027-03-04T05:06:07.000Z'],
    ['2027-03-04T05:06:07.8Z', '2027-03-04T05:06:07.800Z'],
    ['2027-03-04T05:06:07.123456789Z', '2027-03-04T05:06:07.123Z'],
    ['2027-03-04T05:06:07+02:00', '2027-03-04T03:06:07.000Z'],
    ['2027-03-04T23:30:00-01:30', '2027-03-05T01:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['0000-01-01', '0000-01-01T00:00:00.000Z'],
    ['1999-12-31T23:59:59.999Z', '1999-12-31T23:59:59.999Z'],
  ])('%s is stored as %s', (given, stored) => {
    expect(toInstant(given)).toBe(stored)
  })

  it.each([
    ['no time', ''],
    ['a word', 'tomorrow'],
    ['a time without an offset', '2027-03-04T05:06:07'],
    ['a space', '2027-03-04 05:06:07Z'],
    ['a day that the month lacks', '2027-02-30'],
    ['a day that the month lacks, with a time', '2027-02-29T00:00:00Z'],
    ['a month that is none', '2027-13-01'],
    ['an hour that is none', '2027-03-04T24:00:00Z'],
    ['a minute that is none', '2027-03-04T23:60:00Z'],
    ['an offset that is none', '2027-03-04T23:00:00+24:00'],
    ['an American date', '03/04/2027'],
    ['a year of five digits', '12027-03-04'],
    ['a year past 9999 by its offset', '9999-12-31T23:59:59-01:00'],
    ['a year before 0000 by its offset', '0000-01-01T00:00:00+01:00'],
    ['an invalid Date', new Date(Number.NaN)],
    ['a Date past the year 9999', new Date(8.64e15)],
    ['a number', 1_800_000_000_000],
    ['null', null],
    ['nothing', undefined],
    ['an object that looks like a Date', { getTime: (): number => 0 }],
    ['a Date in a proxy', new Proxy(new Date(0), {})],
  ])('%s is refused', (_what, given) => {
    expect(toInstant(given)).toBeUndefined()
  })

  it('may be a Date, also of another realm, and its own getTime is not asked', () => {
    const date = new Date(0)
    date.getTime = () => 5
    expect(toInstant(date)).toBe('1970-01-01T00:00:00.000Z')
    expect(toInstant(runInNewContext('new Date(1)'))).toBe('1970-01-01T00:00:00.001Z')
  })
})

describe('a stored time', () => {
  it('has a day of the calendar, as Date knows it: every day of leap and common years, and those that are none', () => {
    const two = (part: number) => String(part).padStart(2, '0')
    for (const year of ['0000', '0001', '0004', '0100', '0400', '1900', '1999', '2000', '2024', '9999']) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const iso = `${year}-${two(month)}-${two(day)}T23:59:59.999Z`
          const parsed = Date.parse(iso)
          const isReal = !Number.isNaN(parsed) && new Date(parsed).toISOString() === iso
          expect(isInstant(iso), iso).toBe(isReal)
        }
      }
    }
  })

  it('is taken as it is', () => {
    fc.assert(
      fc.property(instant, (given) => {
        expect(isInstant(given)).toBe(true)
        expect(toInstant(given)).toBe(given)
      }),
    )
  })

  it.each(['2027-03-04T05:06:07Z', '2027-02-30T00:00:00.000Z', '2027-13-01T00:00:00.000Z', 0, null, undefined])(
    '%s is none',
    (given) => {
      expect(isInstant(given)).toBe(false)
    },
  )
})
