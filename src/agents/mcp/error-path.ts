/** Errors about one server of a config, with the path in the whole config. */

import { GuillemetError } from '../../errors.ts'

/** What the work gives; an error of ours with the path in front of its own. */
export async function atPath<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw withPath(path, error)
  }
}

/** The error with the path in front of its own; one that is not ours as it is. */
export function withPath(path: string, error: unknown): unknown {
  if (!(error instanceof GuillemetError)) return error
  const { code, message, index, tag, field, fields, filter, suggestion, host, location, reason } = error
  const missing = error.missing?.map((each) => ({ ...each, path: joinedPath(path, each.path) }))
  const own = error.path === undefined ? undefined : joinedPath(path, error.path)
  return new GuillemetError(code, `${message.slice(0, -1)} (MCP config, ${path}).`, {
    missing,
    index,
    path: own,
    tag,
    field,
    fields,
    filter,
    suggestion,
    host,
    location,
    reason,
  })
}

/** Two paths, one after the other. */
export function joinedPath(before: string, after: string): string {
  return after === '' || after.startsWith('[') ? before + after : `${before}.${after}`
}
