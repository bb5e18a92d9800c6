/** The redactors of a vault besides the one for process logs: of the results of a use, and of what one view has used. */

import { RecentValues } from '../redact/recent-values.ts'
import { createRedactor, type ReadonlyRedactor, type Redactor } from '../redact/redactor.ts'
import type { UsedText } from './used-texts.ts'

/** How many redactors of results are kept for the next use of the same values; each takes some hundred KB. */
const KEPT_REDACTORS = 16

/** What a redactor of results knows, and the redactor. */
interface KnownTexts {
  readonly texts: readonly UsedText[]
  readonly redactor: Redactor
}

/**
 * Redactors that know the values of one use and nothing else; the same values get the same one again. Runs of several tenants
 * with equal tags take turns, so it is not the labels that it goes by.
 */
export class ResultRedactors {
  /** The one used last comes first. */
  #known: readonly KnownTexts[] = []

  of(texts: readonly UsedText[]): Redactor {
    const known = this.#known.find((each) => isSameTexts(each.texts, texts))
    const made = known ?? { texts, redactor: redactorKnowing(texts.map(({ label, text }) => [label, text])) }
    if (made !== this.#known[0]) {
      this.#known = [made, ...this.#known.filter((each) => each !== made)].slice(0, KEPT_REDACTORS)
    }
    return made.redactor
  }

  forget(): void {
    this.#known = []
  }
}

function isSameTexts(some: readonly UsedText[], others: readonly UsedText[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ label, text }, index) => label === others[index]!.label && text === others[index]!.text)
  )
}

function redactorKnowing(texts: Iterable<readonly [label: string, text: string]>): Redactor {
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
    this.#redactor ??= redactorKnowing(this.#texts.values())
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
