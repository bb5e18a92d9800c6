/** The template of a client's last request, parsed: a client sends the same headers again and again. */

import type { Prepared, Vault } from '../vault/api.ts'
import type { RequestParts } from './request-plan.ts'

/** Keeps one template of a method and headers; a template holds no value. */
export class LastTemplate {
  #last: Prepared<RequestParts> | undefined

  /** The template parsed, where nothing but headers holds references; any other one as it is. */
  of(template: RequestParts, vault: Vault): RequestParts | Prepared<RequestParts> {
    const { method, headers } = template
    if (headers === undefined || Object.keys(template).length > 2) return template
    const known = this.#last?.template
    if (known?.method !== method || !areEqual(known.headers!, headers)) {
      this.#last = vault.prepare(template, { as: 'request' })
    }
    return this.#last!
  }
}

function areEqual(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const before = Object.keys(a)
  const names = Object.keys(b)
  return names.length === before.length && names.every((name, at) => name === before[at] && a[name] === b[name])
}
