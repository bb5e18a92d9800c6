/** What the tests of this wing share: a look-up over a map, and the error of a call. */

import type { GuillemetError } from '../../src/errors.ts'
import type { Delimiters, Kind } from '../../src/location.ts'
import { ownValue } from '../../src/plain-object.ts'
import type { SecretValue } from '../../src/secret-value.ts'
import { compile, createSyntax } from '../../src/template/compile.ts'
import { render } from '../../src/template/render.ts'
import type { Lookup } from '../../src/template/values.ts'

export type Secrets = Readonly<Record<string, SecretValue>>

export const CURLY: readonly Delimiters[] = [['{{', '}}']]

export function lookupIn(secrets: Secrets): Lookup {
  return (tag) => (Object.hasOwn(secrets, tag) ? secrets[tag] : undefined)
}

/** The template of a kind with these secrets in it. */
export function resolveAs<T>(
  as: Kind,
  template: T,
  secrets: Secrets,
  options: { onMissing?: 'error' | 'keep'; delimiters?: readonly Delimiters[]; prefixes?: readonly string[] } = {},
): T {
  const onMissing = ownValue(options, 'onMissing') ?? 'error'
  const syntax = createSyntax(ownValue(options, 'delimiters'), ownValue(options, 'prefixes'))
  return render(compile(template, as, syntax), lookupIn(secrets), onMissing)
}

/** A text as kind `value`. */
export function resolveText(text: string, secrets: Secrets = {}, delimiters?: readonly Delimiters[]): string {
  return resolveAs('value', text, secrets, delimiters && { delimiters })
}

/** The error that a call throws; a call that throws none is a failure of the test. */
export function errorOf(call: () => unknown): GuillemetError {
  try {
    call()
  } catch (error) {
    return error as GuillemetError
  }
  throw new Error('nothing was thrown')
}
