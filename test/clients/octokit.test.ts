import { Octokit } from '@octokit/core'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import {
  clientStage,
  expectMasked,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  PROMPTS,
} from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseUrl } = set
  // #region octokit
  const octokit = new Octokit({ auth: '<< secrets.key >>', request: { fetch: vaultFetch(vault) }, baseUrl })
  // #endregion
  octokit.log.error = octokit.log.warn = () => undefined
  return { ...set, octokit }
}

it('what people write is text, and the key arrives', async () => {
  const { octokit, ...set } = await stage((_, response) => json(response, 201, { id: 1 }))
  for (const body of PROMPTS)
    await octokit.request('POST /repos/{owner}/{repo}/issues', { owner: 'o', repo: 'r', title: body, body })
  await octokit.request('GET /search/code', { q: '{{ secrets.stripe }}' })
  expect(set.arrived.pop()!.url).toBe('/search/code?q=%7B%7B%20secrets.stripe%20%7D%7D')
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`token ${KEY}`]))
})

it('the echo of a 401 is masked in its own error', async () => {
  const { octokit } = await stage(({ headers }, response) =>
    json(response, 401, { message: `no: ${headers.authorization}` }),
  )
  expectMasked(await octokit.request('GET /user').catch((thrown: unknown) => thrown))
})

it('a next link with the key in it comes back masked, and is refused when it is followed', async () => {
  const { octokit, arrived, origin } = await stage((_, response) =>
    json(response, 200, [], { link: `<${origin}/user?key=${KEY}>; rel="next"` }),
  )
  const { headers } = await octokit.request('GET /user')
  const next = /<(.+)>/.exec(headers.link!)![1]!
  expect(next).toBe(`${origin}/user?key=[secret:key]`)
  expect(await octokit.request(`GET ${next}`).catch((thrown: unknown) => String(thrown))).toContain('redactResponse')
  expect(arrived).toHaveLength(1)
})

it('counts the dots of the key that it is given; the hook writes the scheme by hand', async () => {
  const set = await clientStage((_, response) => json(response, 200, {}))
  await set.vault.create({ tag: 'gh', value: { pat: 'ghp_16C7e42F292c69' } })
  const { vault, origin: baseUrl, arrived } = set
  const fetch = vaultFetch(vault)
  await new Octokit({ auth: '<< secrets.gh.pat >>', request: { fetch }, baseUrl }).request('GET /user')
  // #region octokit-scheme
  const octokit = new Octokit({ request: { fetch }, baseUrl })
  octokit.hook.before('request', ({ headers }) => {
    headers.authorization = 'token << secrets.gh.pat >>'
  })
  // #endregion
  await octokit.request('GET /user')
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([
    'bearer ghp_16C7e42F292c69',
    'token ghp_16C7e42F292c69',
  ])
})

it('a server that answers with references gets no secret for them', async () => {
  const { octokit, arrived } = await stage((_, response) => json(response, 200, {}, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) {
    const { headers } = await octokit.request('GET /user')
    // as a client that caches would send it again
    const again = octokit.request('GET /user', { headers: { 'if-modified-since': headers['last-modified']! } })
    expect(await again.catch((thrown: unknown) => String(thrown))).toContain('if-modified-since')
  }
  expectNoOtherSecret(arrived)
})
