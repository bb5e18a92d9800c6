import makeFetchCookie from 'fetch-cookie'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { clientStage, json, KEY } from './stage.ts'

it('a cookie jar around it follows redirects by itself, and the key stays where it was sent first', async () => {
  const other = await clientStage((_, response) => json(response, 200, {}))
  const { vault, origin, arrived } = await clientStage(({ url }, response) => {
    if (url === '/login') response.writeHead(302, { location: `${other.origin}/there`, 'set-cookie': 'a=1' }).end()
    else json(response, 200, {})
  })
  // #region fetch-cookie
  const fetchWithCookies = makeFetchCookie(vaultFetch(vault))
  // #endregion
  const headers = { Authorization: 'Bearer << secrets.key >>', 'x-api-key': '<< secrets.key >>' }
  await fetchWithCookies(`${origin}/login`, { headers })
  await fetchWithCookies(`${origin}/again`, { headers })
  expect(other.arrived).toHaveLength(1)
  expect(JSON.stringify(other.arrived)).not.toContain(KEY)
  expect(arrived.map((each) => each.headers['x-api-key'])).toEqual([KEY, KEY])
  expect(arrived[1]!.headers.cookie).toBe('a=1')
})

it('a jar below it would follow redirects with the key: refused', async () => {
  const { vault, origin } = await clientStage(({ url }, response) => {
    if (url === '/login') response.writeHead(302, { location: '/there' }).end()
    else json(response, 200, {})
  })
  const following = vaultFetch(vault, { fetch: (input, init) => fetch(input, { ...init, redirect: 'follow' }) })
  const error = await following(`${origin}/login`, { headers: { Authorization: '<< secrets.key >>' } }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
})
