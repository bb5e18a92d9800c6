/**
 * Where a resolve goes, as rules and policy must know it: the config's own URL decides, the option fills the gaps. All
 * that the vault asks about destinations is answered here; how the URLs of a config are read is the template's.
 */

import { GuillemetError } from '../errors.ts'
import type { Kind, Reference } from '../location.ts'
import { readOptions, requireValid } from '../read-options.ts'
import type { Destination } from '../secrets/denial.ts'
import { type CompiledTemplate, compile } from '../template/compile.ts'
import { destinationOf } from '../template/destination.ts'
import { urlPathsOf } from '../template/url-paths.ts'
import type { Lookup } from '../template/values.ts'
import type { KnownDestination } from './authorize.ts'
import type { DestinationOption } from './option-types.ts'
import { maskOf, resultRedactor } from './redaction.ts'
import type { SecretSet } from './secret-set.ts'
import { usedTexts } from './used-texts.ts'
import type { View } from './view.ts'

const noSecrets: Lookup = () => undefined

/** Whether the reference decides where the request goes. */
export function isInHost({ location }: Reference): boolean {
  return location === 'host'
}

/**
 * The option `destination`.
 *
 * @throws ERR_INVALID_INPUT
 */
export function readDestination(given: DestinationOption | undefined): Destination | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string' || given instanceof URL) return { url: readAbsoluteUrl(given), method: undefined }
  const { url, method } = readOptions(given, 'destination', ['url', 'method'])
  const isMethod = typeof method === 'string' && method !== ''
  requireValid(isMethod, 'The destination needs a method such as GET next to its url.')
  return { url: readAbsoluteUrl(url), method }
}

function readAbsoluteUrl(given: unknown): URL {
  try {
    if (typeof given === 'string' || given instanceof URL) return new URL(given)
  } catch {
    // the URL may hold anything: the error below does not repeat it
  }
  throw new GuillemetError('ERR_INVALID_INPUT', 'The destination must be an absolute URL.')
}

/**
 * The destination of a template; undefined where it is not known, which is also while a secret in its host is missing.
 *
 * A relative URL goes where the option says, with the config's own method. The option of a template of kind `url` must
 * name the origin that this URL leads to; without the option nobody knows that it is requested at all.
 *
 * @throws ERR_INVALID_INPUT when the option names another origin than the config, or the config several
 */
export function findDestination(
  compiled: CompiledTemplate,
  option: Destination | undefined,
  lookup: Lookup = noSecrets,
): Destination | undefined {
  if (compiled.route === undefined) return option
  if (compiled.as === 'url' && option === undefined) return undefined
  const found = destinationOf(compiled, lookup, option?.url)
  if (found === undefined) return undefined
  requireValid(
    option === undefined || option.url.origin === found.url.origin,
    'The option destination names another origin than the template itself; leave it out.',
  )
  return compiled.as === 'url' ? option : found
}

/** The destination of a template with secrets in its host, which are opened for it; errors show the mask of the first. */
export function openDestination(
  view: View,
  compiled: CompiledTemplate,
  option: Destination | undefined,
  secrets: SecretSet,
): KnownDestination {
  const destination = findDestination(compiled, option, secrets.open)
  const host = compiled.references.find(isInHost)
  const found = host && secrets.find(host.tag)
  const value = host && secrets.open(host.tag)
  const diversion = compiled.route?.diversion
  if (host === undefined || found === undefined || value === undefined) {
    return { destination, shownHost: undefined, diversion, urlPaths: undefined }
  }
  const texts = usedTexts(host, found.record.info, value)
  return { destination, shownHost: maskOf(resultRedactor(view, texts), texts, host), diversion, urlPaths: undefined }
}

/** Where a config would go, as far as that is known when it is saved. */
export interface SavedDestination extends KnownDestination {
  /** Known only when it is resolved: a secret is in the host, or the config does not parse yet. */
  readonly isUndetermined: boolean
  /** Whether another engine fills in the method. */
  readonly isMethodForeign: boolean
  /** Why it can go nowhere. */
  readonly error: GuillemetError | undefined
}

/** Where a config that is being saved will go. */
export function destinationWhenSaved(
  view: View,
  template: unknown,
  as: Kind,
  isParsed: boolean,
  option: Destination | undefined,
): SavedDestination {
  const undetermined = {
    destination: undefined,
    shownHost: undefined,
    urlPaths: undefined,
    isUndetermined: true,
    isMethodForeign: false,
    error: undefined,
  }
  if (as !== 'request' && as !== 'url') return { ...undetermined, destination: option, isUndetermined: false }
  if (!isParsed) return undetermined
  const compiled = compile(template, as, view.root.syntax)
  if (compiled.hasSecretHost || compiled.route?.isForeign) return undetermined
  const diversion = compiled.route?.diversion
  const urlPaths = () => urlPathsOf(compiled, noSecrets, option?.url)
  try {
    return {
      ...undetermined,
      destination: findDestination(compiled, option),
      isUndetermined: false,
      isMethodForeign: compiled.route?.isMethodForeign === true,
      diversion,
      urlPaths,
    }
  } catch (error) {
    return { ...undetermined, error: error as GuillemetError }
  }
}
