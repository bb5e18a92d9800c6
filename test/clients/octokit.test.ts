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

type Answer = Parameters<typeof clientStage>[0]

async function stage(answer: Answer) {
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

/** As `octokit.paginate` follows them: the URL of the next page, out of the header. */
async function namesOfPages(octokit: Octokit): Promise<unknown[]> {
  const pages: unknown[] = []
  for (let url: string | undefined = '/user/repos?per_page=1'; url !== undefined; ) {
    const { data, headers }: { data: unknown; headers: { link?: string | undefined } } = await octokit.request({ url })
    pages.push(data)
    url = /<([^<>]+)>;\s*rel="next"/.exec(headers.link ?? '')?.[1]
  }
  return pages
}

/** Three pages, each with a link to the next. */
const pages =
  (query: string): Answer =>
  ({ url, headers }, response) => {
    const page = Number(/[?&]page=(\d)/.exec(url)?.[1] ?? 1)
    const next = `<http://${headers.host}/user/repos?per_page=1&page=${page + 1}${query}>; rel="next"`
    const link = `<http://${headers.host}/user/repos>; rel="first", ${next}`
    json(response, 200, [page, headers.authorization === `token ${KEY}`], page < 3 ? { link } : {})
  }
const ALL_PAGES = [1, 2, 3].map((page) => [page, true])

it('each page is resolved anew, by links whose cursors come back as they were sent', async () => {
  const { octokit, arrived } = await stage(pages('&after=Y3Vyc29yOnYyOpHOAA%3D%3D&q=%7B%7B%20secrets.stripe%20%7D%7D'))
  expect(await namesOfPages(octokit)).toEqual(ALL_PAGES)
  expect(arrived[2]!.url).toContain('&after=Y3Vyc29yOnYyOpHOAA%3D%3D&q=%7B%7B%20secrets.stripe%20%7D%7D')
  expectNoOtherSecret(arrived)
})

it('links with the key in them are followed where answers come back as they were sent', async () => {
  const { vault, origin: baseUrl, arrived } = await clientStage(pages(`&access_token=${KEY}`))
  const fetch = vaultFetch(vault, { redactResponse: false })
  const octokit = new Octokit({ auth: '<< secrets.key >>', request: { fetch }, baseUrl })
  expect(await namesOfPages(octokit)).toEqual(ALL_PAGES)
  expect(arrived[1]!.url).toContain(`&access_token=${KEY}`)
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
