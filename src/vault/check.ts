/** Everything that would go wrong with a config, at once, when it is saved. Opens nothing and needs no key. */

import type { GuillemetError } from '../errors.ts'
import type { Kind, Reference } from '../location.ts'
import { own } from '../plain-object.ts'
import { suggest } from '../suggest.ts'
import { unexpectedReferences } from '../template/authored.ts'
import { compile } from '../template/compile.ts'
import { type Finding, lint } from '../template/lint.ts'
import { checkFields } from '../template/values.ts'
import { destinationFor } from './aim.ts'
import { type Aim, askUse, hostPositionDenial, ruleDenial, stateDenial } from './authorize.ts'
import { type Fetched, fetchForCheck } from './fetch.ts'
import { labelOf } from './learn.ts'
import { readableTags } from './list.ts'
import type { ResolveOptions } from './surface.ts'
import { isInHost, isPrepared, readResolveOptions, tagsOf } from './template.ts'
import { requireOpen, type View } from './view.ts'

/** Findings in the order: what does not parse, then reference by reference in document order. */
export async function check(
  view: View,
  template: unknown,
  given: ResolveOptions | undefined,
): Promise<readonly Finding[]> {
  requireOpen(view)
  const { authored, onMissing, destination, ...options } = readResolveOptions(given)
  const text = isPrepared(template) ? template.template : template
  const as = isPrepared(template) ? template.as : (options.as ?? 'value')
  const { findings, references } = lint(text, as, view.root.delimiters)
  const all = [...findings, ...authoredFindings(references, authored)]
  const tags = tagsOf(references)
  if (tags.length === 0) return all
  const isParsed = findings.every(({ severity }) => severity !== 'error')
  const { finding, ...aim } = aimOf(view, text, as, isParsed, destination)
  if (finding !== undefined) all.push(finding)
  const fetched = await fetchForCheck(view, tags)
  const denials = await denialsOf(view, tags, references, fetched, aim)
  return [...all, ...(await semanticFindings(view, references, fetched, { denials, aim, onMissing }))]
}

/** Where a config would go, as far as that is known when it is saved. */
interface SavedAim extends Aim {
  /** Known only when it is resolved: a secret stands in the host, or the config does not parse yet. */
  readonly isOpen: boolean
  /** Why it can go nowhere. */
  readonly finding?: Finding
}

function aimOf(view: View, template: unknown, as: Kind, isParsed: boolean, option: Aim['destination']): SavedAim {
  if (as !== 'request' && as !== 'url') return { destination: option, isOpen: false }
  if (!isParsed) return { destination: undefined, isOpen: true }
  const plan = compile(template, as, view.root.delimiters)
  if (plan.references.some(isInHost)) return { destination: undefined, isOpen: true }
  try {
    return { destination: destinationFor(plan, option, () => undefined), isOpen: false }
  } catch (error) {
    const { code, message, path = '' } = error as GuillemetError
    return { destination: undefined, isOpen: true, finding: { code, severity: 'error', path, message } }
  }
}

async function denialsOf(
  view: View,
  tags: readonly string[],
  references: readonly Reference[],
  { found }: Fetched,
  { destination, isOpen }: SavedAim,
): Promise<ReadonlyMap<string, GuillemetError>> {
  const denials = new Map<string, GuillemetError>()
  await Promise.all(
    tags.map(async (tag) => {
      const locations = references.filter((reference) => reference.tag === tag).map(({ location }) => location)
      const origin = isOpen ? undefined : destination?.url.origin
      const denial = await askUse(view, tag, found.get(tag), {
        locations: [...new Set(locations)],
        ...(origin !== undefined && { destination: origin }),
      })
      if (denial !== undefined) denials.set(tag, denial)
    }),
  )
  return denials
}

async function semanticFindings(
  view: View,
  references: readonly Reference[],
  { found, unreadable }: Fetched,
  context: {
    readonly denials: ReadonlyMap<string, GuillemetError>
    readonly aim: SavedAim
    readonly onMissing: 'error' | 'keep'
  },
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let readable: readonly string[] | undefined
  for (const reference of references) {
    const { tag } = reference
    const refusal = context.denials.get(tag) ?? unreadable.get(tag)
    const secret = found.get(tag)
    if (refusal !== undefined) {
      findings.push(findingOf(refusal, reference))
    } else if (secret === undefined) {
      readable ??= await readableTags(view)
      findings.push(missingFinding(reference, context.onMissing, suggest(tag, readable)))
    } else {
      const { info } = secret.record
      const state = stateDenial(tag, info, view.root.now())
      if (state !== undefined) findings.push(findingOf(state, reference))
      const rule = ruleFinding(reference, info, context.aim)
      if (rule !== undefined) findings.push(rule)
      findings.push(...fieldFindings(reference, info.fields, context.onMissing))
    }
  }
  return findings
}

/** A rule that is broken for sure is an error; one that hangs on a host not yet known is a warning. */
function ruleFinding(reference: Reference, info: Parameters<typeof ruleDenial>[1], aim: SavedAim): Finding | undefined {
  const inHost = reference.location === 'host' ? hostPositionDenial(reference, info) : undefined
  if (inHost !== undefined) return findingOf(inHost, reference)
  const denial = ruleDenial(reference, info, aim)
  if (denial === undefined) return undefined
  const isUnknown = aim.isOpen && denial.code === 'ERR_HOST_DENIED'
  if (!isUnknown) return findingOf(denial, reference)
  return {
    ...findingOf(denial, reference),
    severity: 'warning',
    message: `The rule of "${reference.tag}" names hosts, and where this request goes is known only when it is resolved.`,
  }
}

function fieldFindings(
  reference: Reference,
  fields: readonly string[] | null,
  onMissing: 'error' | 'keep',
): readonly Finding[] {
  const { missing, fieldRequired } = checkFields([reference], () => fields)
  const findings = missing.map((entry) => missingFinding(reference, onMissing, own(entry, 'suggestion')))
  return fieldRequired === undefined ? findings : [...findings, findingOf(fieldRequired, reference)]
}

function missingFinding(reference: Reference, onMissing: 'error' | 'keep', suggestion: string | undefined): Finding {
  return {
    code: 'ERR_MISSING_SECRETS',
    severity: onMissing === 'keep' ? 'warning' : 'error',
    path: reference.path,
    tag: reference.tag,
    message: `There is no "${labelOf(reference)}"${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
    ...(suggestion !== undefined && { suggestion }),
  }
}

function findingOf(error: GuillemetError, { tag, path }: Pick<Reference, 'tag' | 'path'>): Finding {
  return { code: error.code, severity: 'error', path, tag, message: error.message }
}

function authoredFindings(references: readonly Reference[], authored: ResolveOptions['authored']): readonly Finding[] {
  return unexpectedReferences(references, authored ?? references).map((reference) => ({
    code: 'ERR_UNEXPECTED_REFERENCE',
    severity: 'error',
    path: reference.path,
    tag: reference.tag,
    message: `The reference to "${reference.tag}" was not written by the author of the template.`,
  }))
}
