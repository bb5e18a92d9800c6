/**
 * The grammar and the encoders alone, for those who bring a store of their own: what a template refers to, and what it
 * becomes with values in it.
 *
 * @module guillemet/template
 */

export { GuillemetError, type GuillemetErrorCode, type MissingReference } from './errors.ts'
export type { Delimiters, Kind, Reference, ReferenceLocation } from './location.ts'
export type { SecretValue } from './secret-value.ts'
export { referenceTo } from './template/escape.ts'
export type { Finding } from './template/lint.ts'
export {
  escapeReferences,
  lintTemplate as lint,
  parse,
  type RenderTemplateOptions,
  references,
  renderTemplate as render,
  type SyntaxOptions,
  type TemplateOptions,
  type TextReference,
} from './template/standalone.ts'
export type { Lookup } from './template/values.ts'
