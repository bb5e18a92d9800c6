/** The time must grow with the length of the text and no faster, also where values are made to be slow. */

import { createRedactor } from '../../src/redact.ts'
import { flat, randomOf, textOf } from './real-logs.ts'
import { piecesOf } from './redact-chunks.ts'
import { CASES, type Case } from './redact-growth-cases.ts'
import { longByTurns } from './rounds.ts'
import type { Row } from './row.ts'

const FULL = 2 ** 18
const FIRST = 2 ** 12
const PIECE = 1000
const BUDGET = 2.5
/** A run that would take longer is not begun. */
const LIMIT_MS = 5000
const PATIENCE = { ms: 250, least: 3, most: 9 }
const SLOW_MS = 300
const IMPATIENCE = { ms: 0, least: 1, most: 1 }
const LINE = '{"level":30,"msg":"a line without a secret"}'

/** Makes the work for a length; making it is not measured. */
type Prepare = (length: number) => () => unknown

export function growth(): readonly Row[] {
  return [...CASES.flatMap(searched), ...huge("a's", 'a'.repeat(FULL)), ...huge('random letters', randomText())]
}

function randomText(): string {
  return textOf(randomOf(17), FULL, 'abcdefghijklmnopqrstuvwxyz0123456789')
}

function searched({ name, values, text, isJson }: Case): readonly Row[] {
  const redactor = createRedactor({ secrets: Object.fromEntries(values.entries()) })
  const prepared = (read: (input: string) => () => unknown): Prepare => {
    return (length) => read(flat(text(length)))
  }
  if (isJson)
    return [
      measured(
        `${name}, json`,
        prepared((input) => () => redactor.json(input)),
      ),
    ]
  return [
    measured(
      name,
      prepared((input) => () => redactor.text(input)),
    ),
    measured(
      `${name}, in chunks`,
      prepared((input) => {
        const pieces = piecesOf(input, PIECE)
        return () => {
          const { push, end } = redactor.chunks<string>()
          for (const piece of pieces) push(piece)
          end()
        }
      }),
    ),
  ]
}

/** A value of 256 Ki characters: learning it, and finding it in itself. */
function huge(what: string, value: string): readonly Row[] {
  const added = measured(`add a value of 256 Ki of ${what}`, (length) => {
    const part = flat(value.slice(0, length))
    return () => {
      const redactor = createRedactor()
      redactor.add('huge', part)
      redactor.text(LINE)
    }
  })
  if (added.ratio === STOPPED) return [added]
  return [added, ...searched({ name: `a value of 256 Ki of ${what}, in itself`, values: [value], text: cut(value) })]
}

function cut(value: string): (length: number) => string {
  return (length) => value.slice(0, length)
}

const STOPPED = '–'

/** Doubles the length from a small one, so that what is not linear shows itself before it takes for ever. */
function measured(name: string, prepare: Prepare): Row {
  const work = `growth: ${name}`
  const budget = `at most ${BUDGET} ×`
  let before = Number.POSITIVE_INFINITY
  for (let length = FIRST; length < FULL; length *= 2) {
    const time = once(prepare(length))
    const next = time * Math.max(2, time / before)
    if (next > LIMIT_MS) return { work, ratio: STOPPED, figure: stoppedAt(length, time, before), budget, met: false }
    before = time
  }
  const patience = before > SLOW_MS ? IMPATIENCE : PATIENCE
  const times = longByTurns({ full: prepare(FULL), half: prepare(FULL / 2) }, patience)
  // what disturbs a run makes it longer only, so the shortest is nearest to the truth
  const full = Math.min(...times.full)
  const ratio = full / Math.min(...times.half)
  const figure = `${nanoseconds(full / FULL)} a character, ${(full / 1e6).toFixed(1)} ms for ${FULL / 1024} Ki of them`
  return { work, ratio: `${ratio.toFixed(2)} × for double`, figure, budget, met: ratio <= BUDGET }
}

function stoppedAt(length: number, time: number, half: number): string {
  const grown = Number.isFinite(half) ? `, ${(time / half).toFixed(1)} × that for half` : ''
  return `stopped: ${(time / 1000).toFixed(1)} s for ${length} characters${grown}`
}

function nanoseconds(time: number): string {
  return `${time < 100 ? time.toPrecision(3) : time.toFixed(0)} ns`
}

function once(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
