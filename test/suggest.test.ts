import { describe, expect, it } from 'vitest'
import { candidatesOf, nearest, suggest } from '../src/suggest.ts'

describe('the nearest of many', () => {
  const candidates = candidatesOf(['zendesk-2', 'zendesk_1', 'ZENDESK', 'zendsk', 'stripe'])

  it('come in order of their distance, and no more than were asked for', () => {
    expect(nearest('zendesk', candidates, 5)).toEqual(['ZENDESK', 'zendsk', 'zendesk-2', 'zendesk_1'])
    expect(nearest('zendesk', candidates, 2)).toEqual(['ZENDESK', 'zendsk'])
    expect(nearest('mailgun', candidates, 5)).toEqual([])
  })

  it('count two neighbours that changed places as one edit', () => {
    expect(suggest('cmr', ['crm'])).toBe('crm')
    expect(suggest('cmr', ['xyz', 'rmc'])).toBeUndefined()
    expect(nearest('acdb', candidatesOf(['adcb', 'abcd']), 2)).toEqual(['adcb', 'abcd'])
  })

  it('are none for names that nobody mistypes, which would cost their length squared', () => {
    const long = 'k'.repeat(129)
    expect(candidatesOf([long])).toEqual([])
    expect(nearest(long, candidatesOf(['k'.repeat(128)]), 1)).toEqual([])
    expect(suggest(long, ['k'.repeat(128)])).toBeUndefined()
  })
})
