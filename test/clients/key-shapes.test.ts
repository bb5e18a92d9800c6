/** What clients that take a fetch look at in a key: none but Octokit refuses a reference or treats it in another way. */

import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { ChatOpenAI } from '@langchain/openai'
import { generateText } from 'ai'
import OpenAI from 'openai'
import { WebClient } from 'slack8'
import Stripe from 'stripe'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { clientStage, json } from './stage.ts'

/** Keys as they look today: a prefix, three parts between dots, `v1.`, base64. */
const KEYS = {
  plain: 'sk-proj-7f3e9a1c5b8d2e4f6a0b',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
  versioned: 'v1.1f699f1069f60xxx',
  xoxb: 'xoxb-123456789012-abcdefGHIJKL',
} as const

type Fetch = ReturnType<typeof vaultFetch>
type Send = (key: string, fetch: Fetch, origin: string) => Promise<unknown>

const CLIENTS: Readonly<Record<string, Send>> = {
  openai: (apiKey, fetch, baseURL) => new OpenAI({ apiKey, fetch, baseURL, maxRetries: 0 }).models.list(),
  anthropic: (apiKey, fetch, baseURL) => new Anthropic({ apiKey, fetch, baseURL, maxRetries: 0 }).models.list(),
  ai: (apiKey, fetch, baseURL) =>
    generateText({ model: createOpenAI({ apiKey, fetch, baseURL })('gpt-4o'), prompt: 'hi', maxRetries: 0 }),
  langchain: (apiKey, fetch, baseURL) =>
    new ChatOpenAI({ model: 'gpt-4o', apiKey, configuration: { fetch, baseURL }, maxRetries: 0 }).invoke('hi'),
  stripe: (key, fetch, origin) => {
    const { hostname: host, port } = new URL(origin)
    const httpClient = Stripe.createFetchHttpClient(fetch)
    return new Stripe(key, { httpClient, host, port, protocol: 'http', maxNetworkRetries: 0 }).balance.retrieve()
  },
  slack: (token, fetch, origin) =>
    new WebClient(token, { fetch, slackApiUrl: `${origin}/`, retryConfig: { retries: 0 } }).auth.test(),
}

it.each(Object.keys(CLIENTS))(
  '%s sends the key whatever it looks like, and however its reference is written',
  async (name) => {
    const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, { ok: true, data: [] }))
    for (const [tag, value] of Object.entries(KEYS)) await vault.create({ tag, value: { key: value } })
    const fetch = vaultFetch(vault)
    const expected: string[] = []
    for (const [tag, value] of Object.entries(KEYS)) {
      for (const reference of [`<< secrets.${tag}.key >>`, `{{ secrets.${tag}.key }}`, `{{secrets.${tag}.key}}`]) {
        // what such a server answers is not what most of them expect: it is the request that counts
        await CLIENTS[name]!(reference, fetch, origin).catch(() => undefined)
        expected.push(value)
      }
    }
    const keys = arrived.map(({ headers }) => headers['x-api-key'] ?? headers.authorization?.replace('Bearer ', ''))
    expect(keys).toEqual(expected)
  },
)
