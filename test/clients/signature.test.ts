/** Requests that are signed: the secret is given to the signer, never put in below it. */

import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { type Arrived, clientStage } from './stage.ts'

const ACCESS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' }
const SESSION = 'session-FwoGZXIvYXdzEBYaDHqa0'
const SCOPE = { service: 's3', region: 'eu-central-1', sha256: Sha256 }
const SIGNED = ['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token']

type Credentials = typeof ACCESS & { readonly sessionToken?: string }

/** Signs a request by hand, as every AWS client does below its own surface. */
async function signed(credentials: Credentials, origin: string, body: string, more: Record<string, string> = {}) {
  const { hostname, host, protocol } = new URL(origin)
  const headers = { host, 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'), ...more }
  const request = { method: 'PUT', protocol, hostname, path: '/object', query: {}, headers, body }
  return new SignatureV4({ ...SCOPE, credentials }).sign(request)
}

/** A server that recomputes each signature, and echoes what it was sent where it does not fit. */
function verifier(isBusy: () => boolean) {
  return async ({ headers, body }: Arrived, response: ServerResponse): Promise<void> => {
    const date = String(headers['x-amz-date'])
    const at = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 11)}:${date.slice(11, 13)}:${date.slice(13)}`
    const given = Object.fromEntries(Object.entries(headers).filter(([name]) => SIGNED.includes(name))) as Record<
      string,
      string
    >
    const request = { method: 'PUT', protocol: 'http:', hostname: '127.0.0.1', path: '/object', query: {}, body }
    const expected = await new SignatureV4({ ...SCOPE, credentials: ACCESS }).sign(
      { ...request, headers: given },
      { signingDate: new Date(at), signableHeaders: new Set(SIGNED) },
    )
    const isGood = expected.headers['authorization'] === headers.authorization
    const status = isGood ? (isBusy() ? 503 : 200) : 403
    const told = `${headers.authorization} ${headers['x-amz-security-token'] ?? ''}`
    const text = isGood
      ? '<Ok/>'
      : `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${told}</StringToSign></Error>`
    response.writeHead(status, { 'content-type': 'application/xml' }).end(text)
  }
}

async function stage() {
  let busyFor = 1
  const set = await clientStage(verifier(() => busyFor-- > 0))
  const { vault, origin } = set
  const allow = { hosts: [origin], in: ['body', 'header', 'auth'] as const }
  await vault.create({ tag: 'aws', value: ACCESS, allow })
  await vault.create({ tag: 'session', value: SESSION, allow })
  return set
}

it('a signer that is given the secret signs what the server checks, and again for a retry', async () => {
  const { vault, origin, arrived } = await stage()
  const send = async () => {
    // #region signature
    const credentials = {
      accessKeyId: '<< secrets.aws.accessKeyId >>',
      secretAccessKey: '<< secrets.aws.secretAccessKey >>',
    }
    const outcome = await vault.use(
      { url: origin, method: 'PUT', auth: credentials },
      async ({ auth }) => {
        const { headers, body } = await signed(auth, origin, '{"a":1}')
        const response = await fetch(`${origin}/object`, { method: 'PUT', headers, body, redirect: 'manual' })
        return { status: response.status, text: await response.text() }
      },
      { as: 'request' },
    )
    // #endregion
    return outcome
  }
  const { result, leaks } = await leakProbe(ACCESS, async ({ output }) => {
    const outcomes = [await send(), await send()]
    output(outcomes, 'printed')
    return outcomes.map((outcome) => outcome.redacted)
  })
  expect(result).toEqual([
    { status: 503, text: '<Ok/>' },
    { status: 200, text: '<Ok/>' },
  ])
  expect(leaks).toEqual([])
  expect(JSON.stringify(arrived)).not.toContain(ACCESS.secretAccessKey)
})

it('a signature that covers a reference is refused, before anything is sent', async () => {
  const { vault, origin, arrived } = await stage()
  const send = vaultFetch(vault, { in: ['header', 'body'] })
  const token = { 'x-amz-security-token': '<< secrets.session >>' }
  for (const [more, text] of [
    [token, '{}'],
    [{}, '{"key":"<< secrets.session >>"}'],
  ] as const) {
    const { headers, body } = await signed(ACCESS, origin, text, more)
    const { host: _, ...rest } = headers
    const error = await send(`${origin}/object`, { method: 'PUT', headers: rest, body }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'headers.authorization' })
    expect(String(error)).toContain('vault.use')
  }
  expect(arrived).toEqual([])
})

it('the echo of a credential in an XML error is masked, and stays well-formed', async () => {
  const { vault, origin } = await stage()
  const headers = { 'x-amz-date': '20260101T000000Z', 'x-api-key': '<< secrets.session >>' }
  const echoing = vaultFetch(vault, {
    fetch: async (_, init) => {
      const key = new Headers(init.headers).get('x-api-key')
      return new Response(`<Error><Key>${key}</Key></Error>`, {
        status: 403,
        headers: { 'content-type': 'application/xml' },
      })
    },
  })
  const response = await echoing(`${origin}/object`, { method: 'PUT', headers })
  expect(await response.text()).toBe('<Error><Key>[secret:session]</Key></Error>')
})
