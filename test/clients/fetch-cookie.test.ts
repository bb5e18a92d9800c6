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

it('a sign-in that leads over another host works with a bound key too, which stays at home', async () => {
  const other = await clientStage(({ headers }, response) =>
    json(response, 200, { seen: headers.authorization ?? null }),
  )
  const { vault, origin, arrived } = await clientStage(({ url }, response) => {
    if (url === '/login') response.writeHead(302, { location: `${other.origin}/there`, 'set-cookie': 'a=1' }).end()
    else json(response, 200, {})
  })
  await vault.update('key', { allow: { hosts: [origin] } })
  const fetchWithCookies = makeFetchCookie(vaultFetch(vault))
  const headers = { Authorization: 'Bearer << secrets.key >>', 'x-api-key': '<< secrets.key >>' }
  const response = await fetchWithCookies(`${origin}/login`, { headers })
  // not even the reference is sent there
  expect([response.status, await response.text()]).toEqual([200, '{"seen":null}'])
  expect(other.arrived.map((each) => each.headers['x-api-key'])).toEqual([undefined])
  expect(arrived.map((each) => each.headers['x-api-key'])).toEqual([KEY])
  // asked for by somebody else, without a server's having led there, it is an error as ever
  const direct = vaultFetch(vault)(`${other.origin}/there`, { headers }).catch((thrown: unknown) => thrown)
  expect(await direct).toMatchObject({ code: 'ERR_HOST_DENIED' })
})

it('a session cookie that holds the key comes back masked, and is refused when the jar sends it', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) =>
    json(response, 200, {}, { 'set-cookie': `session=${KEY}` }),
  )
  const headers = { Authorization: 'Bearer << secrets.key >>' }
  const masked = makeFetchCookie(vaultFetch(vault))
  await masked(`${origin}/`, { headers })
  const error = await masked(`${origin}/again`, { headers }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'headers.cookie' })
  expect(String(error)).toContain('redactResponse')
  const sliding = makeFetchCookie(vaultFetch(vault, { redactResponse: false }))
  for (let turn = 0; turn < 3; turn++) await sliding(`${origin}/`, { headers })
  expect(arrived.map((each) => each.headers.cookie)).toEqual([undefined, undefined, `session=${KEY}`, `session=${KEY}`])
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
