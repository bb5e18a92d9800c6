/** The redactors of a vault besides the one for process logs: of the results of a use, and of what one view has used. */

import { RecentValues } from '../redact/recent-values.ts'
import { createRedactor, type ReadonlyRedactor, type Redactor } from '../redact/redactor.ts'
import type { UsedText } from './used-texts.ts'

/** How many redactors of results are kept for the next use of the same values; each takes some hundred KB. */
const KEPT_REDACTORS = 16

/** Redactors that know the values of one use and nothing else; the same values get the same one again. */
export class ResultRedactors {
  readonly #known = new Map<string, { readonly texts: readonly UsedText[]; readonly redactor: Redactor }>()

  of(texts: readonly UsedText[]): Redactor {
    const key = texts.map(({ label }) => label).join(' ')
    const known = this.#known.get(key)
    // of another workspace, environment or version
    const isSame = known?.texts.every(({ text }, index) => text === texts[index]!.text) === true
    const made = isSame ? known : { texts, redactor: redactorOf(texts.map(({ label, text }) => [label, text])) }
    this.#known.delete(key)
    this.#known.set(key, made)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_REDACTORS) break
      this.#known.delete(oldest)
    }
    return made.redactor
  }

  forget(): void {
    this.#known.clear()
  }
}

function redactorOf(texts: Iterable<readonly [label: string, text: string]>): Redactor {
  const redactor = createRedactor()
  for (const [label, text] of texts) redactor.add(label, text, {})
  return redactor
}

/** What one view has used. Its redactor is made when it is first asked: most views never are. */
export class LearnedTexts {
  readonly #texts = new Map<string, readonly [label: string, text: string]>()
  readonly #recent = new RecentValues()
  #redactor: Redactor | undefined

  add(place: string, label: string, text: string): void {
    const { isNew, forgotten } = this.#recent.note(place, label, text)
    if (isNew) {
      this.#texts.set(`${label} ${text}`, [label, text])
      this.#redactor?.add(label, text, {})
    }
    if (forgotten === undefined) return
    this.#texts.delete(`${label} ${forgotten}`)
    this.#redactor?.remove(label, forgotten)
  }

  get redactor(): Redactor {
    this.#redactor ??= redactorOf(this.#texts.values())
    return this.#redactor
  }
}

/** The same redactor for those who may not change what it knows, made when it is first asked. */
export function readonlyFace(redactor: () => Redactor): ReadonlyRedactor {
  return Object.freeze({
    text: (text: string) => redactor().text(text),
    json: (line: string) => redactor().json(line),
    value: <T>(value: T) => redactor().value(value),
    data: <T>(value: T) => redactor().data(value),
    find: (text: string) => redactor().find(text),
    chunks: <C extends string | Uint8Array>() => redactor().chunks<C>(),
    stream: <C extends string | Uint8Array>() => redactor().stream<C>(),
    get weak() {
      return redactor().weak
    },
  })
}
