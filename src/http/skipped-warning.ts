/** Says once that text which looks like a reference was sent as text: perhaps its author meant one. */

const warnedOfText = new WeakSet<object>()
const warnedOfHeaders = new WeakSet<object>()
const warnedOfUrls = new WeakSet<object>()

/**
 * Warns of text in a URL or a body, once for each vault, where the runtime has `process.emitWarning`.
 *
 * @param root what all views of a vault share
 * @param client by its function, such as `vaultFetch`
 */
export function warnOfSkipped(root: object, client: string): void {
  warnOnce(
    warnedOfText,
    root,
    `${client} sent text that looks like a secret reference as it is: in a URL and a body, text is text. Where it was meant as a reference, name the place in the option in, such as { in: ["body"] }, or the reference in authored.`,
  )
}

/** Warns of a credential header whose text is nearly a reference, also once for each vault. */
export function warnOfNearReferences(root: object, client: string): void {
  warnOnce(
    warnedOfHeaders,
    root,
    `${client} sent a credential header as it is, whose text is nearly a secret reference, but is not one: write << secrets.tag >>. vault.check says what is wrong with it.`,
  )
}

/** Warns of a URL whose text is nearly a reference, where one in it would be resolved, also once for each vault. */
export function warnOfNearUrl(root: object, client: string): void {
  warnOnce(
    warnedOfUrls,
    root,
    `${client} sent a URL as it is, whose text is nearly a secret reference, but is not one: one that is percent-encoded, as a URL object writes it, is text. Give the URL as a text that holds << secrets.tag >>.`,
  )
}

function warnOnce(warned: WeakSet<object>, root: object, message: string): void {
  if (warned.has(root)) return
  warned.add(root)
  const { process } = globalThis as { process?: { emitWarning?(message: string, options: object): void } }
  try {
    process?.emitWarning?.(message, { type: 'GuillemetWarning', code: 'GUILLEMET_SKIPPED' })
  } catch {
    // the edge runtime of Next has it by name only: it throws
  }
}
