/** A `.env` text out of an environment map with references. */

import type { Resolved, Vault } from '../vault/api.ts'
import { requireAccess } from '../vault/client.ts'
import type { NamedOptions } from '../vault/option-types.ts'
import { ResolvedValue, resultContextOf } from '../vault/resolved.ts'
import { dotenvText, shownDotenvText } from './dotenv-text.ts'

/**
 * Resolves an environment map and writes it as the text of a `.env` file, for programs that read nothing else. Node
 * (`--env-file`, `util.parseEnv`) and dotenv read every value back unchanged; dotenv-expand does not, where one holds `$`.
 *
 * The text prints as redacted. Write what `expose()` gives with mode 0600, and keep it out of the repository.
 *
 * @param env names and texts, with references in them, as `parseEnv` gives them; what is undefined is left out
 * @throws what `resolveEnv` throws; ERR_UNSAFE_ENV_VALUE with the name of the variable for a value that cannot be written so
 *   that both readers give it back; ERR_INVALID_INPUT for what is no name of a variable, and for a vault of another copy of
 *   the package
 * @example
 * const text = await renderDotenv(vault, { API_KEY: '<< secrets.openai >>' })
 * await writeFile('.env', text.expose(), { mode: 0o600 })
 */
export async function renderDotenv(
  vault: Vault,
  env: Readonly<Record<string, string | undefined>>,
  options?: NamedOptions,
): Promise<Resolved<string>> {
  requireAccess(vault, 'The first argument of renderDotenv')
  const resolved = await vault.resolveEnv(env, options)
  const text = dotenvText(resolved.expose())
  return new ResolvedValue(text, () => ({
    // masked by position, so that a secret that is too short to be found in a text is not shown either
    redacted: () => shownDotenvText(resolved.redacted as Readonly<Record<string, string>>),
    references: () => resolved.references,
    context: () => resultContextOf(resolved)!,
  }))
}
