/** The table of redactors in docs/REDACTION.md: every collected case put to each of them. */

import { createContext, runInContext } from 'node:vm'
import manifest from '../../package.json' with { type: 'json' }
import { CASES, type Case, faultsOf, outputOf } from '../redact/cases.ts'
import { PEERS, type Peer } from './peers.ts'

/** Far more than any case takes on a busy machine; a peer that needs longer is taken not to end. */
const TIME_LIMIT_MS = 60_000

/** Only what a script calls can be stopped from within the process. */
const stoppable = createContext({})

/** How a case went. */
export type Outcome = 'met' | 'not met' | { readonly broke: string }

/** Puts the case to the peer, and stops it where it does not end. */
export function outcomeOf(theCase: Case, peer: Pick<Peer, 'make'>, limit = TIME_LIMIT_MS): Outcome {
  stoppable['work'] = () => outputOf(theCase, peer.make(theCase))
  try {
    const output = runInContext('work()', stoppable, { timeout: limit }) as string
    return faultsOf(theCase, output).length === 0 ? 'met' : 'not met'
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException
    return { broke: code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? 'does not end' : `throws ${name}: ${message}` }
  }
}

/** The whole section as Markdown. */
export function peersTable(): string {
  const outcomes = PEERS.map((peer) => CASES.map((theCase) => outcomeOf(theCase, peer)))
  const categories = [...new Set(CASES.map(({ category }) => category))]
  const cells = (isCounted: (theCase: Case) => boolean): string[] =>
    outcomes.map((all) => {
      const counted = all.filter((_, index) => isCounted(CASES[index]!))
      return `${counted.filter((outcome) => outcome === 'met').length}/${counted.length}`
    })
  const rows = [
    ['category', ...PEERS.map(({ name }) => titleOf(name))],
    ['---', ...PEERS.map(() => '---:')],
    ...categories.map((category) => [category, ...cells((theCase) => theCase.category === category)]),
    ['**all**', ...cells(() => true).map((cell) => `**${cell}**`)],
  ]
  const notes = PEERS.map(({ name, use }, index) => `* \`${name}\`: ${use}${brokenOf(outcomes[index]!)}`)
  return [wrap(origins()), '', ...rows.map((row) => `| ${row.join(' | ')} |`), '', ...notes.map(wrap)].join('\n')
}

/** What a reader must know of the cases to judge the figures. */
function origins(): string {
  const collected = CASES.filter(({ source }) => !/^(?:derived|generic)/.test(source)).length
  const harmless = CASES.filter(({ mustNotContain }) => mustNotContain.length === 0).length
  return (
    `Of the ${CASES.length} cases ${collected} come from other projects, each with its source; ${CASES.length - collected} ` +
    `were worked out beside them. ${harmless} hold nothing that must be masked: a redactor that does nothing meets these.`
  )
}

function titleOf(name: string): string {
  const versions: Readonly<Record<string, string>> = manifest.devDependencies
  return Object.hasOwn(versions, name) ? `${name} ${versions[name]}` : name
}

function brokenOf(outcomes: readonly Outcome[]): string {
  return outcomes
    .map((outcome, index) => (typeof outcome === 'string' ? '' : ` ${CASES[index]!.id} ${outcome.broke}.`))
    .join('')
}

const WIDTH = 140

/** A paragraph, or an item of a list, over as many lines as it needs. */
function wrap(text: string): string {
  const [first, ...words] = text.split(' ')
  const margin = first === '*' ? '  ' : ''
  let wrapped = first!
  let length = wrapped.length
  for (const word of words) {
    const isFull = length + 1 + word.length > WIDTH
    wrapped += isFull ? `\n${margin}${word}` : ` ${word}`
    length = isFull ? margin.length + word.length : length + 1 + word.length
  }
  return wrapped
}
