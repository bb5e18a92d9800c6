/**
 * The redactors that docs/REDACTION.md compares, each used in the best way its own documentation allows for a list of
 * known values. Where there is a choice, it is the one by which more cases are met.
 */

import { DeepRedact } from '@hackylabs/deep-redact'
import redactPaths from '@pinojs/redact'
import { scrub } from '@zapier/secret-scrubber'
import { ownValue } from '../../src/plain-object.ts'
import type { Chunks } from '../../src/redact.ts'
import { type Case, OPTIONS, redactorOf, type Subject } from '../redact/cases.ts'

/** A redactor of the table. */
export interface Peer {
  readonly name: string
  /** How it is used, for the reader of the table. */
  readonly use: string
  make(theCase: Case): Subject
}

const DEFAULT_MIN_LENGTH = 8

export const PEERS: readonly Peer[] = [
  {
    name: 'guillemet',
    use: `\`createRedactor\` and \`add\`. ${Object.keys(OPTIONS).join(', ')} with the option \`truncated\`.`,
    make: redactorOf,
  },
  {
    name: '@zapier/secret-scrubber',
    use: '`scrub` with the list of values.',
    make: zapier,
  },
  {
    name: '@hackylabs/deep-redact',
    use:
      'It takes regular expressions, not values: `stringTests` with one for all values as they are, longest first, whose ' +
      'replacer masks the match alone. Values under the minimum length are left out of it. Structures are handed over ' +
      'inside an object, since an error or a map is not looked into where it is the whole input.',
    make: deepRedact,
  },
  {
    name: '@pinojs/redact',
    use:
      'It masks paths, not values: of a structure it is told the path of every text, number and buffer, and what it ' +
      'prints is the JSON that it makes by default. A text has no path, and comes back as it is.',
    make: pino,
  },
]

/** The stream of a peer that has none: each chunk by itself. */
function eachByItself(push: (text: string) => string): () => Chunks<string> {
  return () => ({ push, end: () => undefined })
}

function zapier({ secrets }: Case): Subject {
  const known = [...secrets]
  const text = (input: string): string => scrub(input, known) as string
  return {
    text,
    value: (value) => scrub(value as object, known) as unknown,
    add: (value) => void known.push(value),
    chunks: eachByItself(text),
  }
}

function deepRedact(theCase: Case): Subject {
  const minLength = ownValue(theCase, 'minLength') ?? DEFAULT_MIN_LENGTH
  const known = [...theCase.secrets]
  const make = (): DeepRedact => {
    const searched = known.filter((value) => value.length >= minLength).sort((a, b) => b.length - a.length)
    if (searched.length === 0) return new DeepRedact({ stringTests: [] })
    const pattern = new RegExp(searched.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g')
    return new DeepRedact({ stringTests: [{ pattern, replacer: (text, test) => text.replace(test, '[REDACTED]') }] })
  }
  const text = (input: string): string => subject.redactor.redact(input) as string
  const subject: Subject & { redactor: DeepRedact } = {
    redactor: make(), // a case may look at what a program could print of it
    text,
    value: (value) => subject.redactor.redact({ value }),
    add(_label, value) {
      known.push(value)
      subject.redactor = make()
    },
    chunks: eachByItself(text),
  }
  return subject
}

function pino(): Subject {
  const text = (input: string): string => JSON.parse(redactPaths({ paths: [] })(input) as string) as string
  return {
    text,
    value: (value) => redactPaths({ paths: pathsOf(value) })(value) as unknown,
    add: () => undefined,
    chunks: eachByItself(text),
  }
}

/** The path of every text, number and buffer that can be reached by own properties. */
function pathsOf(root: unknown): string[] {
  const paths: string[] = []
  const seen = new Set<unknown>()
  const pending: [item: unknown, path: string][] = [[root, '']]
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const [item, path] = entry
    if (typeof item === 'string' || typeof item === 'number' || ArrayBuffer.isView(item)) {
      if (path !== '') paths.push(path)
    } else if (typeof item === 'object' && item !== null && !seen.has(item)) {
      seen.add(item)
      for (const key of Object.getOwnPropertyNames(item)) {
        if (Array.isArray(item) && key === 'length') continue
        const value = (item as Record<string, unknown>)[key]
        pending.push([value, path === '' && /^\w+$/.test(key) ? key : `${path}[${JSON.stringify(key)}]`])
      }
    }
  }
  return paths
}
