/** @slack/web-api: version 7 sends through axios and takes an adapter, version 8 takes a fetch. */

import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import axios from 'axios'
import { LogLevel, WebClient as WebClient7 } from 'slack7'
import { WebClient as WebClient8 } from 'slack8'
import { describe, expect, it } from 'vitest'
import { vaultAdapter } from '../../src/http/axios.ts'
import { vaultFetch } from '../../src/http/fetch.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { type Arrived, clientStage, json, KEY } from './stage.ts'

/** What both versions are made with in the tests. */
interface Local {
  readonly slackApiUrl: string
  readonly logger: never
  readonly retryConfig: { readonly retries: number; readonly minTimeout: number }
}

const clients: Readonly<Record<string, (vault: Vault, local: Local) => WebClient7 | WebClient8>> = {
  '@slack/web-api 7'(vault, local) {
    // #region slack7
    const slack = new WebClient7('<< secrets.key >>', { adapter: vaultAdapter(vault, { axios }), ...local })
    // #endregion
    return slack
  },
  '@slack/web-api 8'(vault, local) {
    // #region slack8
    const slack = new WebClient8('<< secrets.key >>', { fetch: vaultFetch(vault), ...local })
    // #endregion
    return slack
  },
}

/** A logger at its most talkative. */
function logger(lines: unknown[]) {
  const log = (...said: unknown[]): void => void lines.push(...said)
  return {
    debug: log,
    info: log,
    warn: log,
    error: log,
    setLevel: () => undefined,
    getLevel: () => LogLevel.DEBUG,
    setName: () => undefined,
  }
}

const answers = (arrived: readonly Arrived[]) => (request: Arrived, response: ServerResponse) => {
  const { url, headers } = request
  const { origin } = new URL(`http://${headers.host}`)
  if (url.endsWith('/auth.test'))
    return json(response, 200, { ok: false, error: `invalid_auth ${headers.authorization}` })
  if (url.endsWith('/users.list')) return json(response, 500, { echo: headers.authorization })
  if (url.endsWith('/team.info') && arrived.length === 1) return json(response, 429, {}, { 'retry-after': '0' })
  if (url.endsWith('/files.getUploadURLExternal')) {
    return json(response, 200, { ok: true, upload_url: `${origin}/upload`, file_id: 'F1' })
  }
  return json(response, 200, { ok: true, files: [{ id: 'F1' }], echo: headers.authorization })
}

describe.each(Object.keys(clients))('%s', (name) => {
  async function stage() {
    const seen: Arrived[] = []
    const set = await clientStage((request, response) => {
      seen.push(request)
      return answers(seen)(request, response)
    })
    const lines: unknown[] = []
    const local = (slackApiUrl: string): Local => ({
      slackApiUrl,
      logger: logger(lines) as never,
      retryConfig: { retries: 1, minTimeout: 1 },
    })
    const connect = (origin: string) => clients[name]!(set.vault, local(`${origin}/api/`)) as WebClient7
    return { ...set, lines, slack: connect(set.origin), connect }
  }

  it('posts a message; what people write is text, and the token arrives', async () => {
    const { slack, arrived, lines } = await stage()
    const text = 'what is << secrets.stripe >>?'
    const { result, leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
      const answer = await slack.chat.postMessage({ channel: 'C1', text })
      output(lines, 'log')
      return answer
    })
    expect([result!.ok, leaks]).toEqual([true, []])
    expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(new URLSearchParams(arrived[0]!.body).get('text')).toBe(text)
    expect(lines.length).toBeGreaterThan(2)
  })

  it('uploads a file', async () => {
    const { slack, arrived } = await stage()
    await slack.filesUploadV2({ file: Buffer.from('bytes of a file'), filename: 'a.txt', channel_id: 'C1' })
    expect(arrived.map(({ url }) => url.replace('/api', ''))).toEqual([
      '/files.getUploadURLExternal',
      '/upload',
      '/files.completeUploadExternal',
    ])
    expect(arrived[1]!.body).toContain('bytes of a file')
    // a reference that arrives as it is would be one that nobody has resolved
    expect(JSON.stringify(arrived)).not.toContain('secrets.key')
  })

  it('waits where it is told to, and asks again', async () => {
    const { slack, arrived } = await stage()
    await slack.team.info()
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
  })

  it.each(['a refusal of Slack', 'a 500', 'a refused connection'])('%s shows no token', async (what) => {
    const { slack, connect, lines } = await stage()
    const { error, leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
      const call = {
        'a refusal of Slack': () => slack.auth.test(),
        'a 500': () => slack.users.list({}),
        'a refused connection': () => connect('http://127.0.0.1:1').auth.test(),
      }[what]!
      const thrown = await call().catch((reason: unknown) => reason)
      output(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true }), 'inspection')
      output(lines, 'log')
      throw thrown
    })
    expect(error).toHaveProperty('code')
    expect(leaks).toEqual([])
  })
})

it('version 8 knows no adapter: the reference would go out as it is, and the test sees it', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, { ok: true }))
  const options = { adapter: vaultAdapter(vault, { axios }), slackApiUrl: `${origin}/api/` }
  await new WebClient8('<< secrets.key >>', options as object).auth.test()
  expect(arrived[0]!.headers.authorization).toBe('Bearer << secrets.key >>')
})
