/** Says once that text which looks like a reference was sent as text: perhaps its author meant one. */

const warned = new WeakSet<object>()

/**
 * Warns once for each vault, where the runtime has `process.emitWarning`.
 *
 * @param root what all views of a vault share
 * @param client by its function, such as `vaultFetch`
 */
export function warnOfSkipped(root: object, client: string): void {
  if (warned.has(root)) return
  warned.add(root)
  const { process } = globalThis as { process?: { emitWarning?(message: string, options: object): void } }
  process?.emitWarning?.(
    `${client} sent text that looks like a secret reference as it is: in a URL and a body, text is text. Where it was meant as a reference, name the place in the option in, such as { in: ["body"] }, or the reference in authored.`,
    { type: 'GuillemetWarning', code: 'GUILLEMET_SKIPPED' },
  )
}
