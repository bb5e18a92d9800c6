/** Everything that would go wrong with a config, at once, when it is saved. Opens nothing and needs no key. */

import type { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { ownValue, withoutPrototype, withoutUndefined } from '../plain-object.ts'
import { holdsMask } from '../secrets/masks.ts'
import { ruleWarnings } from '../secrets/rule-warnings.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { isAuthored, unexpectedReferences } from '../template/authored.ts'
import { errorFinding, type Finding, lint, type MoreFinding } from '../template/lint.ts'
import { checkFields } from '../template/values.ts'
import { hostPositionDenial, ruleDenial, stateDenial, useCountDenials } from './authorize.ts'
import { pathOfText } from './config-path.ts'
import { destinationWhenSaved, type SavedDestination } from './destination.ts'
import { findForCheck } from './find.ts'
import { groupedBy } from './grouped.ts'
import { hostedToolWarnings } from './hosted-tools.ts'
import type { ResolveOptions } from './option-types.ts'
import { crowdedFields } from './per-field.ts'
import { everyEncoded, isPrepared, readResolveOptions } from './prepare.ts'
import type { SecretSet } from './secret-set.ts'
import { suggestionsFor } from './suggestions.ts'
import { maskLabel } from './used-texts.ts'
import { requireOpen, type View, viewOfCall } from './view.ts'

const NO_RULE = /* @__PURE__ */ withoutPrototype<Parameters<typeof ruleWarnings>[0]>({
  hosts: undefined,
  in: undefined,
})

/** Findings in document order; those about no reference come last. */
export async function check(
  lasting: View,
  template: unknown,
  given: ResolveOptions | undefined,
): Promise<readonly Finding[]> {
  requireOpen(lasting)
  const options = readResolveOptions(given)
  const view = viewOfCall(lasting, options.signal)
  const text = isPrepared(template) ? template.template : template
  const as = isPrepared(template) ? template.as : (options.as ?? 'value')
  const isEncodedOurs = isPrepared(template) ? everyEncoded : options.authored && isAuthored(options.authored)
  const { findings, findingsWith, references, names } = lint(text, as, view.root.syntax, isEncodedOurs)
  const more = [...maskFindings(text), ...authoredFindings(references, options.authored)]
  if (as === 'request') more.push(...hostedToolWarnings(references))
  if (view.root.perField !== undefined) more.push(...crowdedFields(references).map(errorFinding))
  const tags = [...new Set(references.map(({ tag }) => tag))]
  if (tags.length === 0) return findingsWith(about(references, more))
  const isParsed = findings.every(({ severity }) => severity !== 'error')
  const saved = destinationWhenSaved(view, text, as, isParsed, options.destination)
  if (saved.error !== undefined) more.push(errorFinding(saved.error))
  const secrets = await findForCheck(view, tags, options.isFresh)
  const isRequested = as === 'request' || saved.isUndetermined
  await secrets.askPolicy('use', { references, destination: saved.destination, isRequested })
  const places = { references, names }
  const found = await secretFindings(view, places, secrets, saved, options.onMissing)
  more.push(...useCountDenials(references, (tag) => usableInfo(secrets, tag)).map(errorFinding))
  more.push(...warningsOfRules(references, secrets))
  return findingsWith([...found, ...about(references, more)])
}

/** Each finding with the first reference to its tag at its path. */
function about(references: readonly Reference[], findings: readonly Finding[]): readonly MoreFinding[] {
  const nameOf = (tag: string | undefined, path: string) => JSON.stringify([tag, path])
  const named = groupedBy(references, ({ tag, path }) => nameOf(tag, path))
  return findings.map((finding) => {
    const [reference] = named.get(nameOf(ownValue(finding, 'tag'), finding.path)) ?? []
    return { finding, reference }
  })
}

/** A mask, as it is copied from a log or from the output of a step, would be sent in place of the secret. */
function maskFindings(template: unknown): readonly Finding[] {
  const path = pathOfText(template, holdsMask)
  if (path === undefined) return []
  const message = `${path === '' ? 'The text' : path} holds a mask, which is sent as it is; write the reference to the secret.`
  return [{ code: 'WARN_MASK', severity: 'warning', path, message }]
}

/** What the rules of the secrets permit beyond what is likely meant: at the first reference to each. */
function warningsOfRules(references: readonly Reference[], secrets: SecretSet): readonly Finding[] {
  return [...groupedBy(references, ({ tag }) => tag)].flatMap(([tag, [first]]) =>
    ruleWarnings(usableInfo(secrets, tag)?.allow ?? NO_RULE).map(({ code, says }): Finding => {
      return { code, severity: 'warning', path: first!.path, tag, message: `The rule of "${tag}" ${says}.` }
    }),
  )
}

/** What is known of a secret that the policy lets this actor use. */
function usableInfo(secrets: SecretSet, tag: string): ClearInfo | undefined {
  const { record, denial, error } = secrets.entry(tag)!
  return (denial ?? error) === undefined ? record?.info : undefined
}

/** Where the references of a template stand. */
type Places = Pick<ReturnType<typeof lint>, 'references' | 'names'>

/** What is wrong with the secrets themselves, reference by reference. */
async function secretFindings(
  view: View,
  { references, names }: Places,
  secrets: SecretSet,
  saved: SavedDestination,
  onMissing: 'error' | 'keep',
): Promise<readonly MoreFinding[]> {
  const findings: MoreFinding[] = []
  const suggestions = await suggestionsFor(view, missingTags(references, secrets))
  for (const reference of references) {
    const { record, denial, error, isDeleted } = secrets.entry(reference.tag)!
    const refusal = denial ?? error
    const add = (finding: Finding) => findings.push({ finding, reference })
    if (refusal !== undefined) {
      add(findingOf(refusal, reference))
    } else if (record === undefined) {
      add(missingFinding(reference, onMissing, { suggestion: suggestions.get(reference.tag), isDeleted }))
    } else {
      const state = stateDenial(reference, record.info, view.root.now())
      if (state !== undefined) add(findingOf(state, reference))
      const rule = ruleFinding(reference, names.get(reference), record.info, saved)
      if (rule !== undefined) add(rule)
      for (const each of fieldFindings(reference, record.info.fields, onMissing)) add(each)
    }
  }
  return findings
}

function missingTags(references: readonly Reference[], secrets: SecretSet): readonly string[] {
  const isMissing = (tag: string) => {
    const { record, denial, error } = secrets.entry(tag)!
    return (record ?? denial ?? error) === undefined
  }
  return references.map(({ tag }) => tag).filter(isMissing)
}

/** A rule that is broken for sure is an error; one that depends on a host or method not yet known is a warning. */
function ruleFinding(
  reference: Reference,
  name: string | undefined,
  info: ClearInfo,
  saved: SavedDestination,
): Finding | undefined {
  const inHost = reference.location === 'host' ? hostPositionDenial(reference, info) : undefined
  if (inHost !== undefined) return findingOf(inHost, reference)
  const denial = ruleDenial(reference, name, info, saved)
  if (denial === undefined) return undefined
  const isLater = saved.isUndetermined && denial.code === 'ERR_HOST_DENIED'
  const isMethodLater = saved.isMethodForeign && denial.code === 'ERR_METHOD_DENIED'
  if (!isLater && !isMethodLater) return findingOf(denial, reference)
  const what = isLater ? 'hosts, and where this request goes' : 'methods, and that of this request'
  const message = `The rule of "${reference.tag}" names ${what} is known only when it is resolved.`
  return { ...findingOf(denial, reference), severity: 'warning', message }
}

function fieldFindings(
  reference: Reference,
  fields: readonly string[] | null,
  onMissing: 'error' | 'keep',
): readonly Finding[] {
  const { missing, fieldRequired } = checkFields([reference], () => fields)
  const findings = missing.map((entry) => missingFinding(reference, onMissing, entry))
  return fieldRequired === undefined ? findings : [...findings, findingOf(fieldRequired, reference)]
}

function missingFinding(
  reference: Reference,
  onMissing: 'error' | 'keep',
  found: Partial<Record<'suggestion' | 'field', string | undefined>> &
    Partial<Record<'hasNoFields' | 'isDeleted', boolean>>,
): Finding {
  const suggestion = ownValue(found, 'suggestion')
  const why = ownValue(found, 'hasNoFields')
    ? `: the secret "${reference.tag}" is one text and has no fields`
    : ownValue(found, 'isDeleted')
      ? ' any more: it was deleted in this environment, and no other is asked'
      : ''
  const isField = ownValue(found, 'field') !== undefined
  const help = isField ? '; correct the reference.' : '; create it, or correct the reference.'
  const advice = suggestion === undefined ? help : `; did you mean "${suggestion}"?`
  return withoutUndefined({
    code: 'ERR_MISSING_SECRETS',
    severity: onMissing === 'keep' ? 'warning' : 'error',
    path: reference.path,
    tag: reference.tag,
    message: `There is no "${maskLabel(reference)}"${why}${advice}`,
    suggestion,
  }) as Finding
}

function findingOf(error: GuillemetError, { tag, path }: Pick<Reference, 'tag' | 'path'>): Finding {
  return { code: error.code, severity: 'error', path, tag, message: error.message }
}

function authoredFindings(references: readonly Reference[], authored: ResolveOptions['authored']): readonly Finding[] {
  // comparing with itself would cost a template of long paths their whole length for each reference
  if (authored === undefined) return []
  return unexpectedReferences(references, authored).map((reference) => ({
    code: 'ERR_UNEXPECTED_REFERENCE',
    severity: 'error',
    path: reference.path,
    tag: reference.tag,
    message: `The reference to "${reference.tag}" was not written by the author of the template.`,
  }))
}
