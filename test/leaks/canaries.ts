/** Values that must never show, in several shapes, and everything that they could show as. */

import type { SecretValue } from '../../src/secret-value.ts'

/** One stored value and the reference that resolves to it. */
export interface Canary {
  readonly tag: string
  readonly value: SecretValue
  readonly reference: string
  /** What the reference resolves to. */
  readonly exposed: string
}

const LONG = 'tk_Qm7Zr2XvB9nLw4HcYp8KdT5sGfJ1aUeR6oViN3xM0qWz'
const QUOTED = 'p"a\'s\\Vx3Jq8Lm2Zt6\nRn5Kc9Yb4Hd7&<$`'
const SHORT = 'k9Xq2Lw7Z'
const LURE = 'lure << secrets.zq8Hv4Nd6Tj | base64 >>'
const NUMBER = 8_264_519_073
const NOTE = 'nt-5Gw8Rk3Xz7Pb'

/** Written into URLs: no message may repeat one. */
export const URL_MARK = 'sig-7Ydf2Kqw9'

/** What is stored before anything goes wrong. */
export const CANARIES: readonly Canary[] = [
  text('long', LONG),
  text('quoted', QUOTED),
  text('short', SHORT),
  text('lure', LURE),
  {
    tag: 'numbered',
    value: { port: NUMBER, note: NOTE },
    reference: '<< secrets.numbered.port >>',
    exposed: String(NUMBER),
  },
]

function text(tag: string, value: string): Canary {
  return { tag, value, reference: `<< secrets.${tag} >>`, exposed: value }
}

/** Parts of the odd ones that no escaping touches. */
const FRAGMENTS = ['Vx3Jq8Lm2Zt6', 'Rn5Kc9Yb4Hd7', 'zq8Hv4Nd6Tj']
const TEXTS = [LONG, QUOTED, SHORT, LURE, String(NUMBER), NOTE]

/** Each text in every form that a program would write it in. */
export const NEEDLES: readonly string[] = [
  ...new Set([URL_MARK, ...FRAGMENTS, ...[...TEXTS, ...FRAGMENTS].flatMap(formsOf)]),
]

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    new URLSearchParams({ v: value }).toString().slice(2),
    bytes.toString('hex'),
    ...alignedBase64(bytes),
  ]
}

/** What is left of its base64 wherever it begins: without the characters that it shares with its neighbours. */
function alignedBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const text = padded.toString('base64').replace(/=+$/, '')
    const inner = text.slice(offset === 0 ? 0 : offset + 1, padded.length % 3 === 0 ? undefined : -1)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
