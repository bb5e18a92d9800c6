import { expect, it } from 'vitest'
import { POLLUTION, withPollution } from './pollution.ts'

it('what the polluted run leaves on Object.prototype is inherited, enumerable, and gone afterwards', async () => {
  const seen = await withPollution(POLLUTION, () => {
    const keys: string[] = []
    for (const key in {}) keys.push(key)
    return { keys, as: ({} as { as?: unknown }).as }
  })
  expect([...seen.keys].sort()).toEqual(Object.keys(POLLUTION).sort())
  expect(seen.as).toBe('env')
  expect(Object.keys(Object.getOwnPropertyDescriptors(Object.prototype))).not.toContain('as')
})

it('names that test tools do not survive can be polluted for one call', async () => {
  const value = await withPollution({ value: 'polluted', get: 'polluted' }, () => ({}) as Record<string, unknown>).then(
    (object) => object['value'],
  )
  expect(value).toBeUndefined()
  expect(await withPollution({ value: 'polluted' }, () => String(({} as Record<string, unknown>)['value']))).toBe(
    'polluted',
  )
})

it('one call inside another, and one that throws, put back what was there before', async () => {
  await withPollution({ inner: 1 }, async () => {
    await withPollution({ inner: 2 }, () => Promise.reject(new Error('expected'))).catch(() => undefined)
    return ({} as Record<string, unknown>)['inner']
  }).then((inner) => expect(inner).toBe(1))
  expect(({} as Record<string, unknown>)['inner']).toBeUndefined()
})
