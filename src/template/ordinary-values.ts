/** Values that are no credentials, whatever the name over them says: stand-ins, settings, expressions, addresses. */

import { isPublished } from '../key-looks.ts'

/** What another engine or this one puts in, what is encrypted already, and what stands for a value that is not there. */
const FILLED_IN_LATER =
  /\{\{|<<|\$\{|\$\(|<%|\{%|%[A-Z_]+%|^\$[A-Za-z_]\w*$|^env[.(:]|process\.env|\*{3}|•{3}|…|\.{3}|\[secret|^secrets?[.:]|^(?:op|vault|ref|arn|sops):|^ENC\[|^@Microsoft\.KeyVault\(|^!/
const STAND_IN =
  /^(?:x{3,}|\*+|-+|_+|\d{1,5}|todo|tbd|n\/a|redacted|masked|hidden|required|optional|string|changeme|change[-_ ]me|replace[-_ ]?me|dummy|foo|bar|base64:|pass(?:word|wd)?|(?:your|my|the|some|an?|replace|generate|insert|enter)[-_ ].{0,64}|.{0,64}[-_ ]here|<.{0,64}>|\[.{0,64}\]|.{0,32}example.{0,32}|(?:~|\.{1,2})?\/[^+=]{0,256}\.\w{2,5})$/i
/** Words that settings take, where the name of the setting is one of a secret: permissions of a workflow, modes of `fetch`. */
const SETTING =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|enabled|disabled|always|never|auto|default|read|write|inherit|include|omit|same-origin|latest|next|warn|error)$/i
/** A version or a range of them, or another source of a package: many packages have such names. */
const VERSION =
  /^(?:[~^=v]|[<>]=?|==|~=)?\d{1,6}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+][\w.+-]{1,64})?$|^(?:workspace|npm|file|link|portal|catalog|patch|github):/
/** What a program writes in place of a value: `config.apiKey`, `var.password`, `file("…")`, an alias of YAML. */
const EXPRESSION =
  /^(?:[A-Za-z_$]+\d{0,2}(?:\??\.[A-Za-z_$]+\d{0,2}){1,8}|[A-Za-z_$][\w$.]{0,64}\((?:.*[)({["'`])?|[*&][A-Za-z_-]{1,64}\d{0,2})$/

/** Whether a value is not a credential, whatever the name over it says. */
export function isOrdinary(name: string, value: string): boolean {
  if (value === '' || /\s/.test(value) || isStandIn(value) || EXPRESSION.test(value) || isPublished(value)) return true
  // a limit of a language model
  if (/tokens$/i.test(name) && /^\d+$/.test(value)) return true
  return value.toLowerCase() === name.toLowerCase() || /^[a-z][\w+.-]*:\/\//i.test(value)
}

/** What is not there yet, and words that settings take. */
export function isStandIn(value: string): boolean {
  return FILLED_IN_LATER.test(value) || STAND_IN.test(value) || SETTING.test(value) || VERSION.test(value)
}
