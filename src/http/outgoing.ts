/** The first request as it goes out, with the secrets of each of its parts. */

import { utf8 } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { percentDecode } from '../encode/percent.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import { requireBasicText } from '../template/filters.ts'
import { parseUrl } from '../url.ts'
import type { UsedSecret } from '../vault/redirect.ts'
import { basicHeader } from './basic-auth.ts'
import type { Outgoing } from './hop.ts'
import type { CallHeader, HttpCall } from './http-call.ts'
import { canBeSentAgain, isForm } from './request-body.ts'
import { renamedParams } from './request-params.ts'
import { type RequestParts, type RequestPlan, writtenNameOf } from './request-plan.ts'

const IN_BODY = /^body(?:$|[.[])/

/**
 * The first request.
 *
 * @param parts what the vault made of the plan's template
 * @param known its URL, where nothing in that was resolved
 * @throws ERR_INVALID_INPUT when the URL with its values is not absolute; ERR_UNSAFE_HEADER_VALUE for a colon in the user
 *   name of basic auth, and for a control character in it
 */
export function firstRequest(
  call: HttpCall,
  plan: RequestPlan,
  parts: RequestParts,
  used: readonly UsedSecret[],
  known: URL | undefined,
): Outgoing {
  const url = known ?? absoluteUrl(urlOf(call, parts.url, parts.params))
  const body = outgoingBody(call, plan, parts)
  // a length that was counted on the template is wrong by now, and the platform counts again; a stream is still as it was
  const isCounted = canBeSentAgain(body)
  const headers = call.headers
    .filter(({ name }) => name !== 'content-length' || !isCounted)
    .map((header): [string, string, readonly UsedSecret[]] => [header.name, ...sentValue(header, plan, parts, used)])
  const { username, password } = url
  const isNamed = headers.some(([name]) => name === 'authorization')
  if ((username !== '' || password !== '') && !isNamed) {
    const pair = `${percentDecode(username)}:${percentDecode(password)}`
    const auth = used.filter(({ location, path }) => location === 'auth' && path === 'url')
    if (auth.length > 0) requireBasicText(pair, auth[0]!, 'trim')
    headers.push(['authorization', `Basic ${base64(utf8(pair))}`, auth])
  }
  const bodySecrets = used.filter(({ path }) => IN_BODY.test(path))
  return { url: withoutUserInfo(url), method: call.method, headers, body, bodySecrets }
}

/** fetch refuses a URL with userinfo, and quotes it in its error. */
function withoutUserInfo(url: URL): URL {
  if (url.username === '' && url.password === '') return url
  const bare = new URL(url)
  bare.username = bare.password = ''
  return bare
}

/** The URL with what the vault made of its text and of its parameters, each undefined where nothing of it was resolved. */
export function urlOf(call: HttpCall, url: string | undefined, params: unknown): string {
  const given = ownValue(call, 'params')
  if (given === undefined || (url === undefined && params === undefined)) return url ?? call.url
  return given.write(url ?? given.url, params === undefined ? given.value : renamedParams(given.value, params))
}

function sentValue(
  header: CallHeader,
  { basic, template }: RequestPlan,
  { headers, auth }: RequestParts,
  used: readonly UsedSecret[],
): [value: string, secrets: readonly UsedSecret[]] {
  const { name } = header
  const parts = basic.get(name)
  if (parts !== undefined) {
    const prefix = `${pathOf(['auth', name])}[`
    const secrets = used.filter(({ path }) => path.startsWith(prefix))
    const values = auth![name]!
    return [
      basicHeader(
        parts,
        values,
        secrets.map(({ tag }) => tag),
        pathOf(header.keys),
      ),
      secrets,
    ]
  }
  const key = writtenNameOf(header)
  if (template?.headers === undefined || !Object.hasOwn(template.headers, key)) return [header.value, []]
  const path = pathOf(['headers', key])
  return [headers![key]!, used.filter((secret) => secret.path === path)]
}

/** The body with its values, in the shape in which it was given. */
function outgoingBody(
  call: HttpCall,
  { template, body }: RequestPlan,
  parts: RequestParts,
): BodyInit | null | undefined {
  const { body: resolved } = parts
  if (template?.body === undefined || resolved === undefined || body === undefined) return body?.body ?? call.body
  if (typeof resolved === 'string') return body.withText(resolved)
  // the names are foreign text, which the vault is given escaped
  const texts = [...resolved.values()]
  if (!isForm(body.form)) {
    return new URLSearchParams([...body.form!].map(([name], index): [string, string] => [name, texts[index]!]))
  }
  // of the class that the fetch below knows
  const form = new (body.form.constructor as typeof FormData)()
  for (const [name, value] of body.form.entries()) {
    if (typeof value === 'string') form.append(name, texts.shift()!)
    else form.append(name, value, value.name)
  }
  return form
}

/** The URL with its values in it; the platform's own error would repeat it. */
export function absoluteUrl(url: string): URL {
  const parsed = parseUrl(url)
  if (parsed !== undefined) return parsed
  throw new GuillemetError('ERR_INVALID_INPUT', 'The URL is not valid or not absolute; start it with https://.')
}
