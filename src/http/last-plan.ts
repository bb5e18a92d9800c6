/** What was decided of a client's last request: a client sends the same headers again and again. */

import { ownValue } from '../plain-object.ts'
import type { Prepared, Vault } from '../vault/api.ts'
import { basicText } from './basic-auth.ts'
import type { CallHeader, HttpCall } from './http-call.ts'
import { type RequestParts, type RequestPlan, writtenNameOf } from './request-plan.ts'

/** What the grammar finds in a text. */
type Scan = (text: string) => readonly unknown[]

interface KnownPlan {
  readonly plan: RequestPlan
  /** The headers with references, by name. No other header is kept: it may hold somebody's key. */
  readonly headers: ReadonlyMap<string, CallHeader>
  readonly template: RequestParts
  prepared: Prepared<RequestParts> | undefined
}

/** Keeps one plan, of a request that has references in its headers and nowhere else. It holds no value of a secret. */
export class LastPlan {
  readonly #scan: Scan
  #last: KnownPlan | undefined

  constructor(scan: Scan) {
    this.#scan = scan
  }

  /** The plan of a request that differs from the last one in what is no reference; undefined for any other. */
  of(call: HttpCall): RequestPlan | undefined {
    const last = this.#last
    if (last === undefined || last.template.method !== call.method || !this.#hasHeadersOnly(call)) return undefined
    let met = 0
    for (const header of call.headers) {
      const before = last.headers.get(header.name)
      if (before === undefined) {
        if (this.#isHeld(header)) return undefined
      } else if (before.value === header.value && writtenNameOf(before) === writtenNameOf(header)) met++
      else return undefined
    }
    return met === last.headers.size ? last.plan : undefined
  }

  /** Keeps the plan that was made for a request, where it can be told again. */
  keep(call: HttpCall, plan: RequestPlan): void {
    const { template } = plan
    if (template === undefined || !this.#hasHeadersOnly(call)) return
    const held = call.headers.filter((header) => this.#isHeld(header))
    const headers = new Map(held.map((header) => [header.name, header] as const))
    // the body is that of each request
    if (headers.size === held.length)
      this.#last = { plan: { ...plan, body: undefined }, headers, template, prepared: undefined }
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

  #isHeld({ name, value }: CallHeader): boolean {
    return this.#scan(basicText(name, value) ?? value).length > 0
  }
}
