/** Values that are no credentials, whatever the name over them says: stand-ins, settings, expressions, addresses. */

import { lateRegExp } from '../late-regexp.ts'
import { isNameOfWords, isNoSecret } from '../looks/key-looks.ts'
import { isPointer } from './pointers.ts'

/** What another engine or this one puts in, and what takes the place of a value that is not there. */
const FILLED_IN_LATER =
  /\{\{|<<|\$\{|^#\{|^(__|@@?|%%?)\w+\1$|^<[\w -]+>|\$\(|<%|\{%|%[A-Z_]+%|^\$[A-Za-z_]\w*$|^env[.(:]|process\.env|\*{3}|•{3}|…|\.{3}|\[secret|^secrets?[.:]|^!/
const STAND_IN =
  /^(?:x{3,}|\*+|-+|_+|\d{1,5}|todo|tbd|n\/a|redacted|masked|hidden|required|optional|string|changeme|change[-_ ]me|replace[-_ ]?me|dummy|foo|bar|base64:|pass(?:word|wd)?|(?:your|my|the|some|an?|replace|generate|insert|enter)[-_ ].{0,64}|.{0,64}[-_ ]here|<.{0,64}>|\[.{0,64}\]|.{0,32}example.{0,32}|(?:~|\.{1,2})?\/[^+=]{0,256}\.\w{2,5})$/i
/** Words that settings take, where the name of the setting is one of a secret: permissions of a workflow, modes of `fetch`. */
const SETTING =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|enabled|disabled|always|never|auto|default|read|write|inherit|include|omit|same-origin|latest|next|warn|error|files|compat)(?:\|\w{1,16}){0,4}$/i
/** A length of time, a size, a share. */
const QUANTITY = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|sec|min|h|d|w|y|[kmgt]i?b?|%)$/i
/** A file or a folder of a machine. */
const FILE_PATH = /^(?:~|\/(?:app|bin|data|dev|etc|home|lib|mnt|opt|proc|root|run|srv|tmp|usr|var))\/[\w./@-]*$/
/** Data or a selector of CSS, which begins like a list. */
const DATA_OR_SELECTOR = /^[[{]\s{0,4}\\{0,3}["'[{]|^\[[\w-]{1,64}[~|^$*]?=/
/** A name that says that its value is the name of a secret: `passwordKey`, `imagePullSecret`. */
const POINTER_NAME = /pull_?secrets?$|(?:password|secret|token|credentials?)_?(?:key|secret|ref)s?$/i
const NAME_IN_CAPITALS = /^[A-Z][A-Z0-9_]*$/
/** Words that speak of a secret: a value of such words is a name, a label or a stand-in. */
const OF_SECRETS = /passw|passphrase|secret|token|credential|(?:^|[_-])keys?(?:[_-]|$)|[a-z]Keys?(?:[A-Z]|$)/i
const LOWER_CASE_NAME = /^[a-z]+(?:[_.-][a-z]+)*\d?$/i
const ONE_WORD = /^[A-Z][a-z]{2,31}(?:-[a-z]{2,31}){0,3}[.?!]?$/
/** Letters and the signs of sentences: each alternative begins with another character, so that a long text is read once. */
const SENTENCE = /^(?:[A-Za-z.,:;!?()'-]|[^\0-\x7f]|\{\d\}){1,512}$/
/** A letter that passwords seldom have, and most languages do. */
const foreignLetter = /* @__PURE__ */ lateRegExp('(?![A-Za-z])\\p{L}', 'u')

/** A version or a range of them, or another source of a package: many packages have such names. */
const VERSION =
  /^(?:[~^=v]|[<>]=?|==|~=)?\d{1,6}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+][\w.+-]{1,64})?$|^(?:workspace|npm|file|link|portal|catalog|patch|github):/
/** What a program writes in place of a value: `config.apiKey`, `var.password`, `file("…")`, an alias of YAML. */
const EXPRESSION =
  /^(?:[A-Za-z_$]+\d{0,2}(?:\??\.[A-Za-z_$]+\d{0,2}){1,8}|[A-Za-z_$][\w$.]{0,64}(?:\((?:.*(?:[)({["'`]|\)\.\w{1,64}))?|\[["'].*)|[*&][A-Za-z_-]{1,64}\d{0,2})$/

/** Whether a value is not a credential, whatever the name over it says. */
export function isOrdinary(name: string, value: string): boolean {
  if (value === '' || /\s/.test(value) || isStandIn(value) || EXPRESSION.test(value) || isNoSecret(value)) return true
  if (QUANTITY.test(value) || FILE_PATH.test(value) || DATA_OR_SELECTOR.test(value)) return true
  // a limit of a language model
  if (/tokens$/i.test(name) && /^\d+$/.test(value)) return true
  return /^[a-z][\w+.-]*:\/\//i.test(value) || isNameOrLabel(name, value)
}

/**
 * Whether a value is what a program calls a secret, or what a person does, in any language: `this.token = token`,
 * `passwordKey: admin-password`, `"password": "Passwort"`. A variable of an environment has neither, but weak passwords.
 */
function isNameOrLabel(name: string, value: string): boolean {
  const own = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  // an argument ends with the bracket of its call
  const lower = value.toLowerCase().replace(/[)\]}]{1,4}$/, '')
  if (lower === own || lower === name.toLowerCase()) return true
  if (NAME_IN_CAPITALS.test(name)) return false
  if (LOWER_CASE_NAME.test(value) && (own.endsWith(lower) || OF_SECRETS.test(value))) return true
  if (POINTER_NAME.test(name) && isNameOfWords(value)) return true
  return ONE_WORD.test(value) || (SENTENCE.test(value) && foreignLetter().test(value))
}

/** What is not there yet, is kept by another tool, and words that settings take. */
export function isStandIn(value: string): boolean {
  return (
    isPointer(value) ||
    FILLED_IN_LATER.test(value) ||
    STAND_IN.test(value) ||
    SETTING.test(value) ||
    VERSION.test(value)
  )
}
