/** What was decided of a client's last request: a client sends the same headers again and again. */

import { ownValue } from '../plain-object.ts'
import type { Prepared, Vault } from '../vault/api.ts'
import { basicText } from './basic-auth.ts'
import type { CallHeader, HttpCall } from './http-call.ts'
import type { RequestParts, RequestPlan } from './request-plan.ts'

/** What the grammar finds in a text. */
type ScanText = (text: string) => readonly unknown[]

interface KnownPlan {
  readonly plan: RequestPlan
  /** The headers with references, in order. No other one is kept, since it may hold a key. */
  readonly headers: readonly CallHeader[]
  readonly template: RequestParts
  prepared: Prepared<RequestParts> | undefined
}

/**
 * Keeps one plan, of a request that has references in its headers and nowhere else. It holds no value of a secret, and none
 * of basic auth, whose other half may be a literal password.
 */
export class LastPlan {
  readonly #scan: ScanText
  #last: KnownPlan | undefined

  constructor(scan: ScanText) {
    this.#scan = scan
  }

  /** The plan of a request that has the same references as the last one; undefined for any other. */
  of(call: HttpCall): RequestPlan | undefined {
    const last = this.#last
    if (last === undefined || last.template.method !== call.method || !this.#hasHeadersOnly(call)) return undefined
    return areSame(this.#held(call), last.headers) ? last.plan : undefined
  }

  /** Keeps the plan of a request, where the same request could be recognised. */
  keep(call: HttpCall, plan: RequestPlan): void {
    const { template, basic } = plan
    if (template === undefined || basic.size > 0 || !this.#hasHeadersOnly(call)) return
    // the body is that of each request
    this.#last = { plan: { ...plan, body: undefined }, headers: this.#held(call), template, prepared: undefined }
  }

  /** The template of a plan that is kept, parsed; any other one as it is. */
  templateOf(template: RequestParts, vault: Vault): RequestParts | Prepared<RequestParts> {
    const last = this.#last
    if (last?.template !== template) return template
    last.prepared ??= vault.prepare(template, { as: 'request' })
    return last.prepared
  }

  #hasHeadersOnly(call: HttpCall): boolean {
    const { url, body, bodyOf } = call
    if (bodyOf !== undefined || ownValue(call, 'params') !== undefined || this.#scan(url).length > 0) return false
    return body === undefined || body === null || (typeof body === 'string' && this.#scan(body).length === 0)
  }

  #held({ headers }: HttpCall): readonly CallHeader[] {
    return headers.filter(({ name, value }) => this.#scan(basicText(name, value) ?? value).length > 0)
  }
}

/** In the same places of what was given, too: the option `authored` names places. */
function areSame(headers: readonly CallHeader[], before: readonly CallHeader[]): boolean {
  return (
    headers.length === before.length &&
    headers.every(({ name, value, keys }, index) => {
      const known = before[index]!
      // no place is within another one
      return name === known.name && value === known.value && keys.every((key, at) => key === known.keys[at])
    })
  )
}
