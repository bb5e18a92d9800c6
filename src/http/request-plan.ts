/** Which of a request's references are resolved, which are refused, and which stay text. */

import { GuillemetError } from '../errors.ts'
import { lowerCaseName } from '../header-name.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { nullRecord, ownValue, withoutPrototype } from '../plain-object.ts'
import { requireNotSilenced } from '../template/authored.ts'
import { pathOf } from '../template/context.ts'
import type { Cut } from '../template/scan.ts'
import type { Vault } from '../vault/api.ts'
import type { ClientAccess, SkippedText } from '../vault/client.ts'
import { type BasicTemplate, basicTemplate } from './basic-auth.ts'
import type { ClientSettings } from './client-options.ts'
import {
  type FoundEntry,
  type FoundHeader,
  type FoundText,
  findInBody,
  findInForm,
  findInHeaders,
  findInUrl,
} from './found-references.ts'
import type { CallHeader, HttpCall } from './http-call.ts'
import { createChoice, type IsWanted, mayResolve, URL_LOCATIONS, withFoldedPath } from './reference-choice.ts'
import { requireHeaderMayResolve, requireListedTags } from './refusals.ts'
import { type ReadBody, readCallBody } from './request-body.ts'
import { chosenParams, type FoundParam, findInParams } from './request-params.ts'
import { asLiteral, tagOf, withOnly } from './text-selection.ts'

/** What becomes of one request. */
export interface RequestPlan {
  /** What the vault is to resolve; undefined where the request holds nothing of ours. */
  readonly template: RequestParts | undefined
  /** Headers of basic auth by name, to be put together again. */
  readonly basic: ReadonlyMap<string, BasicTemplate>
  readonly body: ReadBody | undefined
  readonly skipped: readonly SkippedText[]
}

/** The parts of a request that hold references, as a request config. */
export interface RequestParts {
  readonly method: string
  url?: string
  params?: unknown
  headers?: Record<string, string>
  auth?: Record<string, readonly string[]>
  body?: string | URLSearchParams
  /** Says that something could lead the request elsewhere: the vault then refuses a bound secret before it is opened. */
  proxy?: true
}

/**
 * Looks through a request and decides. Changes nothing, opens nothing.
 *
 * @throws ERR_LOCATION_DENIED for a reference in a header that is not open to them; ERR_PERMISSION_DENIED for a tag in a
 *   header that is not among `tags`; ERR_UNEXPECTED_REFERENCE for one in a header that was not authored, or that a
 *   backslash before it made literal; ERR_OPAQUE_VALUE for a body of bytes that holds one where bodies are resolved
 */
export async function planRequest(
  call: HttpCall,
  settings: ClientSettings,
  vault: Vault,
  { scan }: ClientAccess,
  isUrlOfServer = ownValue(call, 'isUrlOfServer') === true,
): Promise<RequestPlan> {
  const headers = findInHeaders(call, scan)
  const url = isUrlOfServer ? undefined : findInUrl(call, scan, (text, cuts) => locationsInUrl(vault, text, cuts))
  const params = findInParams(call, scan)
  const hasReferences = headers.length > 0 || url !== undefined || params.length > 0
  const body = await bodyToLookInto(call, settings, hasReferences, scan)
  const text = body && findInBody(body, scan)
  const entries = body === undefined ? [] : findInForm(body, scan)
  const asText = (name: string): string => asLiteral(name, scan(name))
  const texts = [...(url ? [url] : []), ...params, ...(text ? [text] : []), ...entries]
  const isWanted = createChoice(settings, [...headers, ...texts])
  if (settings.authored !== undefined) for (const found of headers) requireHeaderNotSilenced(found, settings.authored)
  const open = headers.filter((found) => isOpen(found, settings, isWanted))
  return {
    ...templateOf(call, open, settings, isWanted, { url, params, text, entries, body, asText }),
    body,
    skipped: texts.flatMap((found) => skippedIn(found, settings, isWanted)),
  }
}

/** @param hasReferences whether the rest of the request has some: only then is the body of a `Request` read */
async function bodyToLookInto(
  call: HttpCall,
  settings: ClientSettings,
  hasReferences: boolean,
  scan: ClientAccess['scan'],
): Promise<ReadBody | undefined> {
  const isWanted = mayResolve(settings, 'body')
  const hasBody = call.bodyOf === undefined ? (call.body ?? undefined) !== undefined : isWanted || hasReferences
  const body = hasBody ? await readCallBody(call, isWanted) : undefined
  if (isWanted && body?.bytes !== undefined && scan(body.bytes).length > 0) throw opaqueBody()
  return body
}

/** Whether the header is resolved; one without a reference of ours in it may be left as it is. */
function isOpen(found: FoundHeader, settings: ClientSettings, isWanted: IsWanted): boolean {
  const { header, references, isBroken } = found
  const isAuthored = settings.authored !== undefined && references.length > 0 && references.every(isWanted)
  const isOpenName = settings.isOpenHeader(header.name) || isAuthored
  // an engine that knows what it authored has escaped what it filled in, and expects the escapes to go
  if (references.length === 0 && !isBroken) return isOpenName || settings.authored !== undefined
  requireHeaderMayResolve(found, isOpenName, settings)
  requireListedTags(found, settings)
  if (settings.authored !== undefined) unexpectedHeader(found, isWanted)
  return true
}

function unexpectedHeader({ references, header }: FoundHeader, isWanted: IsWanted): void {
  const stray = references.find((reference) => !isWanted(reference))
  if (stray === undefined) return
  const { tag, path, index } = stray
  throw new GuillemetError(
    'ERR_UNEXPECTED_REFERENCE',
    `The reference to "${tag}" in the header ${header.name} was not written by the author of the request; escape text that is rendered into it.`,
    { tag, path, index },
  )
}

/** In a header an escape goes away, so that nothing would tell an authored reference that it silenced from foreign text. */
function requireHeaderNotSilenced({ header, references, cuts }: FoundHeader, authored: readonly Reference[]): void {
  const path = references[0]?.path ?? pathOf(header.keys)
  const silenced = cuts.flatMap(({ silenced: name }) =>
    name === undefined ? [] : [{ ...name, path: lowerCaseName(path) }],
  )
  requireNotSilenced(references.map(withFoldedPath), authored.map(withFoldedPath), silenced)
}

/** Whether all of a text is a template, so that what is broken in it is an error. */
function isTemplate({ part }: FoundText, { authored, tags, locations }: ClientSettings): boolean {
  if (authored !== undefined || tags !== undefined) return false
  return part === 'body' ? locations.has('body') : URL_LOCATIONS.every((location) => locations.has(location))
}

interface OtherParts {
  readonly url: FoundText | undefined
  readonly params: readonly FoundParam[]
  readonly text: FoundText | undefined
  readonly entries: readonly FoundEntry[]
  readonly body: ReadBody | undefined
  /** A text as a template in which it is nothing but text. */
  readonly asText: (text: string) => string
}

function templateOf(
  call: HttpCall,
  open: readonly FoundHeader[],
  settings: ClientSettings,
  isWanted: IsWanted,
  { url, params, text, entries, body, asText }: OtherParts,
): Pick<RequestPlan, 'template' | 'basic'> {
  const chosen = (found: FoundText): string | undefined => chosenText(found, settings, isWanted)
  // a member that is absent must not be found on a polluted prototype
  const template = withoutPrototype<RequestParts>({ method: call.method })
  const { headers, auth, basic } = templateOfHeaders(open)
  const chosenUrl = url && chosen(url)
  const chosenBody = (text && chosen(text)) ?? chosenForm(body, entries, chosen, asText)
  const chosenQuery = chosenParams(call, params, chosen, asText)
  if (chosenUrl !== undefined) template.url = chosenUrl
  if (chosenQuery !== undefined) template.params = chosenQuery
  if (chosenBody !== undefined) {
    template.body = chosenBody
    // what kind of text it is follows from its content type
    const type = call.headers.find(({ name }) => name === 'content-type')?.value ?? body?.type
    if (type !== undefined && type !== '') headers['content-type'] ??= type
  }
  if (Object.keys(headers).length > 0) template.headers = headers
  if (basic.size > 0) template.auth = auth
  const isEmpty = [chosenUrl, chosenQuery, chosenBody].every((part) => part === undefined) && open.length === 0
  return { template: isEmpty ? undefined : template, basic }
}

/** The open headers; one of basic auth is taken apart, and its references go under `auth`. */
function templateOfHeaders(open: readonly FoundHeader[]) {
  const basic = new Map<string, BasicTemplate>()
  const headers = nullRecord<string>()
  const auth = nullRecord<readonly string[]>()
  for (const { header, isBasic, text, cuts } of open) {
    if (!isBasic) headers[writtenNameOf(header)] = header.value
    else {
      const template = basicTemplate(header.value, text, cuts)
      basic.set(header.name, template)
      auth[header.name] = template.references
    }
  }
  return { headers, auth, basic }
}

/** The name of a header, as it was written where it was the key of an object. */
export function writtenNameOf({ name, keys }: CallHeader): string {
  const key = keys[1]
  return keys.length === 2 && typeof key === 'string' ? key : name
}

/** The text as a template; undefined where nothing in it is resolved. */
function chosenText(found: FoundText, settings: ClientSettings, isWanted: IsWanted): string | undefined {
  if (isTemplate(found, settings)) return found.text
  const { references, text, cuts } = found
  if (!references.some(isWanted)) return undefined
  return withOnly(text, cuts, (number) => isWanted(references[number]!))
}

/** The text entries of a form as a template, in their order; undefined where nothing in them is resolved. */
function chosenForm(
  body: ReadBody | undefined,
  entries: readonly FoundEntry[],
  chosen: (found: FoundText) => string | undefined,
  asText: OtherParts['asText'],
): URLSearchParams | undefined {
  const found = new Map(entries.map((entry) => [entry.number, { entry, text: chosen(entry) }] as const))
  if (body?.form === undefined || ![...found.values()].some(({ text }) => text !== undefined)) return undefined
  const form = new URLSearchParams()
  for (const [number, [name, value]] of [...body.form].entries()) {
    if (typeof value !== 'string') continue
    const held = found.get(number)
    form.append(asText(name), held?.text ?? (held === undefined ? value : asLiteral(value, held.entry.cuts)))
  }
  return form
}

/** What is left as text; nothing of a text that is resolved as a whole. */
function skippedIn(found: FoundText, settings: ClientSettings, isWanted: IsWanted): readonly SkippedText[] {
  if (isTemplate(found, settings)) return []
  const { references, cuts, part } = found
  let number = 0
  return cuts.flatMap((cut) => {
    if (cut.content === undefined) return []
    const tag = tagOf(cut)
    const reference = tag === undefined ? undefined : references[number++]
    if (reference !== undefined && isWanted(reference)) return []
    return [{ tag, location: reference?.location ?? (part === 'url' ? 'path' : 'body') }]
  })
}

/** Where each reference of a URL is; nothing for a text that is not a URL, which is the platform's to refuse. */
function locationsInUrl(vault: Vault, url: string, cuts: readonly Cut[]): readonly ReferenceLocation[] {
  try {
    return vault
      .references(
        withOnly(url, cuts, () => true),
        { as: 'url' },
      )
      .map(({ location }) => location)
  } catch {
    return []
  }
}

function opaqueBody(): GuillemetError {
  return new GuillemetError(
    'ERR_OPAQUE_VALUE',
    'The body is bytes that are not text and hold what looks like a reference, which cannot be resolved there; send it as text.',
    { path: 'body' },
  )
}
