/** Parts: what else is a secret because a value is one: its lines, its secret values, and the password within it. */

import { percentDecode } from '../../encode/percent.ts'
import { parseJson } from '../../json.ts'
import { isKeyLike, isNoSecret } from '../../looks/key-looks.ts'
import { isGroupName, isNumberSecret, kindOfName, type NameKind, plainName } from '../../looks/secret-names.ts'
import { readsAsWord } from '../../looks/words.ts'
import { LINE_END } from '../characters.ts'
import { MAX_DEPTH, MAX_PARSED, MAX_PARTS, MAX_READ, PIECE, SHORTEST_PART } from '../limits.ts'
import type { Form, Verdict } from '../needle.ts'
import { base64Text } from './base64-text.ts'
import { visitJson, visitPairs } from './document.ts'
import { isUrl, normalizedUrl, urlParts } from './urls.ts'

/**
 * Which parts of a value are searched for on their own: `sensitive` ones, whose name says so or which look like keys;
 * `all`; `none`; or those under one of the names.
 */
export type PartsPolicy = 'sensitive' | 'all' | 'none' | readonly string[]

/** In which encodings a part is searched for, each with those before it: Base64, all of bytes, and Base64 of those. */
export type Encodings = 'text' | 'base64' | 'bytes' | 'nested'

/** A text that is a secret because a value is one. */
export interface Part {
  readonly text: string
  readonly form: Form
  readonly encodings: Encodings
}

/** The parts of a value, the value itself first. */
export interface Parts {
  readonly list: readonly Part[]
  /** Whether each of its secret parts is searched for, and wherever it stands. */
  readonly isComplete: boolean
}

const PEM = /-----BEGIN ([A-Z\d ]{1,40})-----((?:(?!-----)[\s\S])*)-----END \1-----/g
const PUBLIC_PEM = /CERTIFICATE|PUBLIC|PARAMETERS/
/** The credentials of a header. */
const CREDENTIALS = /^(?:basic|bearer|token|apikey)\s+(\S+)$/i
/** Of a URL, of the data source of a driver, of a `.netrc` and of a `.pgpass`, of a header and an option in a command. */
const PASSWORDS = [
  /:\/\/[^\s:@/]{0,256}:([^\s@/]{1,1024})@/g,
  /:\/\/[^\s:@/]{0,256}:((?:(?!:\/\/)[^\s"'<>]){1,1024})@/g,
  /(?:^|[\s"'=])[^\s:/@"'=]{1,64}:([^\s"']{1,256})@[\w.-]{0,253}(?:\(|:\d|\/)/g,
  /\blogin\s{1,64}\S{1,256}\s{1,64}password\s{1,64}(\S+)/g,
  /^(?:[^\s:]{1,64}:){4}(\S+)$/gm,
  /\bauthorization["']?\s?[:=]\s?["']?\w+\s+([^\s"']+)/gi,
  /\s(?:-u|--user)\s{1,8}["']?[^\s:"']{1,64}:([^\s"']+)/g,
]
const NAME_COLON_VALUE = /^[^\s:/@"{]+:([^\s/]\S*)$/
const ESCAPES = [/\\(.)/gs, /\^(.)/gs]
const FEWEST_LIKELY = 6
const SHORTEST_LONG_NUMBER = 8

/** The parts of the value; `rate` says how well each may be searched for. */
export function partsOf(value: string, policy: PartsPolicy, rate: (text: string) => Verdict): Parts {
  const collector = new PartCollector(policy, rate)
  const trimmed = value.trim()
  collector.put(value, 'raw', 'nested')
  collector.put(trimmed, 'raw', 'bytes')
  // most values have no syntax
  if (!/^[\w.-]*$/.test(trimmed)) {
    for (const form of ['NFC', 'NFD']) collector.put(value.normalize(form), 'raw')
    for (const escaped of ESCAPES) collector.put(value.replace(escaped, '$1'), 'escape')
    if (isUrl(trimmed)) collector.put(normalizedUrl(trimmed), 'raw', 'bytes')
    // what is said of the value says nothing of its parts
    collector.isComplete = true
    if (policy !== 'none') collector.addParts(value)
  }
  return { list: [...collector.parts.values()], isComplete: collector.isComplete }
}

/** The parts of one value. */
class PartCollector {
  readonly parts = new Map<string, Part>()
  isComplete = true
  /** Characters of all values that were looked into. */
  #read = 0
  readonly #rate: (text: string) => Verdict
  readonly #isAll: boolean
  readonly #names: ReadonlySet<string> | undefined

  constructor(policy: PartsPolicy, rate: (text: string) => Verdict) {
    this.#rate = rate
    this.#isAll = policy === 'all'
    this.#names = typeof policy === 'string' ? undefined : new Set(policy.map(plainName))
  }

  /** Searches for the text on its own, if it is not too short or too common for that. */
  put(text: string, form: Form, encodings: Encodings = 'text'): void {
    if (this.parts.has(text)) return
    const verdict = this.#rate(text)
    if (verdict === 'empty') return
    if (verdict === 'common') {
      // a switch is not a secret
      if (/\d/.test(text)) this.isComplete = false
      return
    }
    if (verdict !== 'ok') this.isComplete = false
    if (form !== 'raw' && text.trim().length < SHORTEST_PART) return
    if (this.parts.size >= MAX_PARTS) this.isComplete = false
    else this.parts.set(text, { text, form, encodings })
  }

  /** All parts of a whole value. */
  addParts(value: string): void {
    const trimmed = value.trim()
    const lines = trimmed.split(LINE_END)
    if (value.length > MAX_PARSED) {
      this.isComplete = false
      for (const line of lines.slice(0, MAX_PARTS)) if (isKeyLike(line.trim())) this.put(line.trim(), 'line')
      return
    }
    if (lines.every((line) => NAME_COLON_VALUE.test(line)))
      for (const line of lines) this.#putPart(NAME_COLON_VALUE.exec(line)![1]!)
    this.#visit('', trimmed, 'unknown', 0)
    if (this.#isAll) for (const line of lines) this.put(line.trim(), 'line')
  }

  /** What is secret in a value with that name, whose name is of that kind. */
  #visit(name: string, value: string, kind: NameKind, depth: number, form: Form = 'part'): void {
    if (value === '') return
    this.#read += value.length
    if (depth > MAX_DEPTH || this.#read > MAX_READ) {
      this.isComplete &&= depth > MAX_DEPTH
      return
    }
    if (depth > 0 && this.#isSecret(name, value, kind))
      this.put(value, form, value.length <= PIECE ? 'nested' : 'bytes')
    // with a list of names, what has another is left alone
    if (this.#names === undefined || kind !== 'public') this.#visitWithin(name, value, kind, depth)
  }

  /** What is secret within a value: the credentials of a header, what is in Base64, parts of a URL, passwords, a document. */
  #visitWithin(name: string, value: string, kind: NameKind, depth: number): void {
    const isSecret = depth === 0 || kind === 'secret'
    const credentials = CREDENTIALS.exec(value)?.[1]
    if (credentials !== undefined) this.#putPart(credentials)
    const decoded = base64Text(credentials ?? value)
    if (decoded !== undefined && !isNoSecret(decoded)) this.#visitDecoded(name, decoded, kind, depth + 1)
    if (isUrl(value)) for (const part of urlParts(value, isSecret)) this.#putPart(part)
    const passwords = PASSWORDS.flatMap((password) => [...value.matchAll(password)].map(([, found]) => found!))
    for (const password of passwords) this.#putPart(password)
    if (/[\n:=<[{]/.test(value)) this.#scan(value, depth, passwords.length === 0 && isSecret)
  }

  /** What was in Base64: a document, a pair as in a header, or the value itself. */
  #visitDecoded(name: string, decoded: string, kind: NameKind, depth: number): void {
    const password = NAME_COLON_VALUE.exec(decoded)?.[1]
    if (password !== undefined && kind !== 'public') this.#putPart(password)
    this.#visit(name, decoded, kind, depth)
  }

  /** The parts of a document; of a text that is none perhaps its lines. */
  #scan(text: string, depth: number, hasLines: boolean): void {
    let isPem = false
    const rest = text.replace(PEM, (_, type: string, body: string) => {
      isPem = true
      if (this.#isAll || !PUBLIC_PEM.test(type)) this.#putPem(body)
      return ' '
    })
    const visitAs =
      (form: Form) =>
      (name: string, value: string, isGrouped: boolean): void =>
        this.#visit(name, value, this.#kindOf(name, isGrouped || (name === '' && form === 'leaf')), depth + 1, form)
    const json: unknown = /^[[{]/.test(text) ? parseJson(text) : undefined
    if (json !== undefined) visitJson(json, isGroupName, visitAs('leaf'))
    else if (rest.trim() !== '') {
      const loose = visitPairs(rest, isGroupName, visitAs('part'))
      const lines = rest.split(LINE_END).filter((line) => line.trim() !== '')
      // no document: lines of a secret
      if (!isPem && hasLines && this.#names === undefined && lines.length > 1 && 2 * loose > lines.length)
        for (const line of lines) this.put(line.trim(), 'line')
    }
  }

  #kindOf(name: string, isGrouped: boolean): NameKind {
    if (this.#isAll) return 'secret'
    if (this.#names !== undefined) return this.#names.has(plainName(name)) ? 'secret' : 'public'
    const kind = kindOfName(name)
    return isGrouped && kind !== 'public' ? 'secret' : kind
  }

  #isSecret(name: string, value: string, kind: NameKind): boolean {
    if (this.#isAll || (this.#names !== undefined && kind === 'secret')) return true
    // of a URL, its parts are
    if (kind === 'public' || isNoSecret(value) || isUrl(value)) return false
    if (kind === 'unknown') return isKeyLike(value)
    if (/^\d+$/.test(value) && value.length < SHORTEST_LONG_NUMBER) return isNumberSecret(name)
    return (
      kind === 'secret' ||
      (value.length >= FEWEST_LIKELY && /\d/.test(value) && !/\s/.test(value) && !readsAsWord(value))
    )
  }

  /** A password or the like, also with its percent-encoding undone. */
  #putPart(text: string): void {
    for (const part of [text, percentDecode(text)]) this.put(part, 'part', 'nested')
  }

  /** The body of a PEM, wrapped elsewhere or not at all, and its lines. */
  #putPem(body: string): void {
    const lines = body
      .replace(/\\[nr]/g, '\n')
      .split(LINE_END)
      .map((line) => line.trim())
      .filter((line) => /^[\w+/=]{8,}$/.test(line))
    this.put(lines.join(''), 'part', 'base64')
    for (const line of lines) this.put(line, 'line')
  }
}
