/** What is wrong with one server of an MCP config, for the moment when it is saved. */

import { loadsCodeDenial } from '../../process/environment.ts'
import { pathOf } from '../../template/context.ts'
import type { Finding } from '../../template/lint.ts'
import type { Vault } from '../../vault/api.ts'
import { closedPlaces, referencesAt, refusal } from './closed-places.ts'
import { joinedPath } from './error-path.ts'
import { type HttpConfig, type ServerConfig, TRANSPORT_METHODS } from './server-config.ts'

/** Members that are read although they are not in `ServerConfig.server`. */
const READ: readonly string[] = ['command', 'cwd', 'url', 'disabled']

/** Findings, in this order: references in places that take none, then what `check` finds in the rest. */
export async function checkServer(
  vault: Vault,
  given: ServerConfig,
  hasSecretArgs: boolean,
  allowSecretsIn: readonly string[],
): Promise<readonly Finding[]> {
  const { server, keys } = given
  const findings = closedPlaces(given, hasSecretArgs).flatMap(({ path, place, template }) =>
    referencesOrNone(vault, template, path).map((reference): Finding => {
      const { code, message } = refusal(reference, place)
      return { code, severity: 'error', path: reference.path, tag: reference.tag, message }
    }),
  )
  findings.push(...ignoredMembers(given).filter(({ path }) => !findings.some((each) => isPathWithin(path, each.path))))
  const within = (member: string, found: readonly Finding[]): readonly Finding[] =>
    found.map((finding) => ({ ...finding, path: joinedPath(pathOf([...keys, member]), finding.path) }))
  if (server.kind !== 'stdio') {
    const found = await requestFindings(vault, server)
    // a reference in the URL is refused above; that the URL has encoded it says nothing more
    const others = found.filter(({ code, path }) => code !== 'WARN_ENCODED' || path !== 'url')
    return [...findings, ...others.map((finding) => ({ ...finding, path: joinedPath(pathOf(keys), finding.path) }))]
  }
  findings.push(...within('env', loadingFindings(vault, server.env, allowSecretsIn)))
  findings.push(...within('env', await vault.check({ ...server.env }, { as: 'env' })))
  const inArgs = await vault.check([...server.args])
  findings.push(...within('args', hasSecretArgs ? inArgs : inArgs.filter(({ code }) => code === 'WARN_LITERAL_SECRET')))
  if (!hasSecretArgs) return findings
  const args = pathOf([...keys, 'args'])
  return [...findings, ...referencesOrNone(vault, server.args, args).map(({ tag, path }) => argumentWarning(tag, path))]
}

/** Members that lead nowhere, such as the envFile of VS Code: a server that needs it would start without. */
function ignoredMembers({ others, keys }: ServerConfig): readonly Finding[] {
  return Object.keys(others)
    .filter((member) => !READ.includes(member))
    .map((member) => ({
      code: 'WARN_IGNORED_MEMBER',
      severity: 'warning',
      path: pathOf([...keys, member]),
      message:
        'resolveMcpServers does nothing with this member; what the server needs of it has to be in env or headers.',
    }))
}

function isPathWithin(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}.`) || other.startsWith(`${path}[`)
}

/** What is found of a request with any method of the transport, each once. */
async function requestFindings(vault: Vault, { kind, url, headers }: HttpConfig): Promise<readonly Finding[]> {
  const request = { url: url.href, headers: { ...headers } }
  const checks = TRANSPORT_METHODS[kind].map((method) => vault.check({ ...request, method }, { as: 'request' }))
  const found = new Map((await Promise.all(checks)).flat().map((finding) => [JSON.stringify(finding), finding]))
  return [...found.values()]
}

function loadingFindings(
  vault: Vault,
  env: Readonly<Record<string, string>>,
  allowed: readonly string[],
): readonly Finding[] {
  return Object.keys(env).flatMap((name) => {
    const [reference] = referencesOrNone(vault, env[name], name)
    const denial = reference && loadsCodeDenial(name, reference.tag, allowed)
    return denial === undefined
      ? []
      : [{ code: denial.code, severity: 'error', path: pathOf([name]), tag: reference!.tag, message: denial.message }]
  })
}

/** What does not parse is a finding of `check`. */
function referencesOrNone(vault: Vault, template: unknown, path: string): ReturnType<typeof referencesAt> {
  try {
    return referencesAt(vault, template, path)
  } catch {
    return []
  }
}

function argumentWarning(tag: string, path: string): Finding {
  return {
    code: 'WARN_SECRET_IN_ARGUMENTS',
    severity: 'warning',
    path,
    tag,
    message: `Everybody on the machine can read the arguments of a process, "${tag}" in it too; give it in env where the server takes it there.`,
  }
}
