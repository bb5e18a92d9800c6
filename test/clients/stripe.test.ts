import Stripe from 'stripe'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { clientStage, expectMasked, expectNoOtherSecret, HOSTILE_HEADERS, json, KEY, OTHERS, PROMPTS } from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault } = set
  const { hostname: host, port } = new URL(set.origin)
  const local = { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false } as const
  // #region stripe
  const httpClient = Stripe.createFetchHttpClient(vaultFetch(vault))
  const stripe = new Stripe('<< secrets.key >>', { httpClient, ...local })
  // #endregion
  return { ...set, stripe }
}

it('what people write is text, and the key arrives', async () => {
  const { stripe, arrived } = await stage((_, response) => json(response, 200, { id: 'cus_1', object: 'customer' }))
  for (const description of PROMPTS) await stripe.customers.create({ description })
  expect(arrived.map(({ body }) => new URLSearchParams(body).get('description'))).toEqual(PROMPTS)
  expectNoOtherSecret(arrived)
  expect(new Set(arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
})

it('the echo of a 401 is masked in its own error', async () => {
  const { stripe } = await stage(({ headers }, response) =>
    json(response, 401, {
      error: { type: 'invalid_request_error', message: `Invalid API Key: ${headers.authorization}` },
    }),
  )
  const error = await stripe.customers.list().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
  expectMasked(error)
})

it('a server that answers with references gets no secret for them', async () => {
  const { stripe, arrived } = await stage((_, response) =>
    json(response, 200, { object: 'list', data: [] }, HOSTILE_HEADERS),
  )
  for (let turn = 0; turn < 3; turn++) await stripe.customers.list()
  expect(JSON.stringify(arrived)).not.toContain(OTHERS.stripe)
})
