import { expect, it } from 'vitest'
import { backstage } from './fixture.ts'

const REF = '<< secrets.gh >>'

it('check warns of credentials that are handed to a provider for another server, and of nothing like them', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'gh', value: 'ghp_16C7e42F292c6912E7' })
  const body = {
    mcp_servers: [{ name: 'a', authorization_token: REF, url: 'https://mcp.example/' }],
    tools: [
      { type: 'mcp', headers: { Authorization: `Bearer ${REF}` }, authorization: REF },
      { type: 'function', name: REF, headersOf: REF },
    ],
    nested: { tools: [{ headers: [REF] }] },
    messages: [{ content: `mcp_servers[0].x ${REF}` }],
    other_mcp_servers: [{ x: REF }],
  }
  const request = { url: 'https://api.example/', method: 'POST', headers: { 'x-tools': REF }, body }
  const codes = (await vault.check(request, { as: 'request' })).map(({ code, severity, path }) => [
    code,
    severity,
    path,
  ])
  const warned = (path: string) => ['WARN_HOSTED_TOOL', 'warning', path]
  expect(codes).toEqual([
    warned('body.mcp_servers[0].authorization_token'),
    warned('body.tools[0].headers.Authorization'),
    warned('body.tools[0].authorization'),
    warned('body.nested.tools[0].headers[0]'),
  ])
  const authored = vault.references(request, { as: 'request' })
  expect(await vault.check(request, { as: 'request', authored })).toEqual([])
  // a resolve of its own fills it in: what is warned of is the client below
  expect(JSON.stringify((await vault.resolveRequest(request)).redacted)).toContain('"authorization":"[secret:gh]"')
})
