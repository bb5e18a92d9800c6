/** One answer on its way to the caller: masks in place of the secrets that its request carried. */

import type { BodyMasks } from '../body-masks.ts'
import { maskedError, type ResolvedRequest, type VaultClient } from '../client.ts'
import { bodyKindOf, byteHeaders } from '../masked-body.ts'
import type { RedirectTrail } from '../redirect-trail.ts'
import type { DataMasks } from '../response-masks.ts'
import type { DispatchCall } from './call.ts'
import type { Abort } from './dispatch.ts'
import type { HeaderEdit } from './headers.ts'

const NO_BYTES = new Uint8Array()

/** What is known of an answer when its headers have come. */
export interface AnswerHead {
  readonly status: number
  /** The values of a header by its lower-case name. */
  values(name: string): readonly string[]
}

/** The answer to one request with secrets, whichever lifecycle it comes in. */
export class MaskedAnswer {
  readonly #client: VaultClient
  readonly #call: DispatchCall
  readonly #request: ResolvedRequest
  readonly #masks: DataMasks | undefined
  readonly #trail: RedirectTrail | undefined
  #body: BodyMasks | undefined
  #abortReason: { readonly reason: unknown } | undefined

  /** @param trail of its redirects, where these are followed by a handler that is known */
  constructor(client: VaultClient, call: DispatchCall, request: ResolvedRequest, trail: RedirectTrail | undefined) {
    this.#client = client
    this.#call = call
    this.#request = request
    this.#trail = trail
    this.#masks = client.settings.redactsResponses ? request.masks.data : undefined
  }

  /** Whether the body that is sent holds no secret, so that it can be shown. */
  get hasShownBody(): boolean {
    return this.#request.first.bodySecrets.length === 0
  }

  /** Ends the request; the caller's own reason comes back as it is. */
  aborting(abort: Abort): Abort {
    return (reason) => {
      this.#abortReason = { reason }
      abort(reason)
    }
  }

  /** Begins the answer. @returns how its headers are edited */
  begin({ status, values }: AnswerHead): HeaderEdit {
    const { first, context } = this.#request
    for (const location of locationsIn(values)) {
      this.#client.note(first, { status, location }, context.secrets, this.#trail)
    }
    const masks = this.#masks
    if (masks === undefined) return (_name, value) => value
    const coding = (values('content-encoding').join(', ') || 'identity').toLowerCase()
    const kind = coding === 'identity' ? bodyKindOf(this.#call.method, status, values('content-type')[0]) : undefined
    this.#body = kind?.inPieces(masks)
    const dropped = kind === undefined ? [] : byteHeaders(values('content-length')[0])
    return (name, value) => (dropped.includes(name) ? undefined : masks.text(value))
  }

  /** The reason phrase, or the value of a header that comes before the answer, after it or with an upgrade. */
  text(text: string): string {
    return this.#masks?.text(text) ?? text
  }

  /** What of the body can be shown after these bytes; perhaps nothing. */
  push(chunk: Uint8Array): Uint8Array {
    return this.#body === undefined ? chunk : asBuffer(this.#body.push(chunk))
  }

  /** The rest of the body. */
  end(): Uint8Array {
    return this.#body === undefined ? NO_BYTES : asBuffer(this.#body.end())
  }

  /** An error as the caller gets it. */
  error(error: unknown): unknown {
    if (this.#abortReason !== undefined && error === this.#abortReason.reason) return error
    return maskedError(this.#request.masks, error)
  }
}

/**
 * What followers of redirects take for the location: where a server sends several, the first, the last or all of them as
 * one. null where there is none.
 */
export function locationsIn(values: AnswerHead['values']): readonly (string | null)[] {
  const locations = values('location')
  if (locations.length < 2) return [locations[0] ?? null]
  return [locations[0]!, locations.at(-1)!, locations.join(','), locations.join(', ')]
}

/** Handlers are given the platform's class of bytes. */
function asBuffer(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
