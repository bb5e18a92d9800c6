/**
 * An attacked `Object.prototype`: what an earlier bug of the host application may have left there.
 *
 * Each entry would change what the library does if an option, a field of a rule or a property of a record were found
 * by inheritance instead of as an own key.
 */

/** A property that everybody seems to have. */
export type Pollution = Readonly<Record<string, unknown>>

const evil = (): never => {
  throw new Error('a function found on Object.prototype was called')
}

/**
 * Names that vitest, fast-check and Node itself survive, inherited by everything while the suite runs.
 *
 * Left out, since the language or the platform itself reads them by inheritance and all code would break, ours or not:
 * `get`, `set` and `value` (property descriptors), `then`, `toJSON`, `type`, `start`, `signal`, `mode`, `body`,
 * `method`, `headers`, `redirect` (streams, fetch), `auth` (URL arguments of fs), `path`, `max`, `size` (fast-check).
 * Where one of them matters to us, a test pollutes for one call: `withPollution`.
 */
export const POLLUTION: Pollution = {
  // options of a resolve
  as: 'env',
  authored: [],
  destination: 'https://evil.example/',
  onMissing: 'keep',
  // rules and states
  allow: { hosts: ['evil.example'] },
  hosts: ['evil.example'],
  in: ['host'],
  methods: ['NONE'],
  enabled: false,
  expiresAt: '2000-01-01T00:00:00.000Z',
  visibility: 'masked',
  // options of a vault and of its calls
  actor: { id: 'evil', role: 'owner' },
  confirm: 'polluted',
  delimiters: [['[[', ']]']],
  environment: 'evil',
  fallback: { default: ['evil'] },
  fresh: true,
  ifVersion: 9,
  limit: 1,
  onEvent: evil,
  policy: evil,
  purpose: 'evil',
  search: 'evil',
  singleWriter: true,
  workspace: 'evil',
  // references and secrets
  field: 'polluted',
  fields: ['polluted'],
  filters: ['raw'],
  location: 'env',
  tag: 'polluted',
  version: 7,
  // options of a redactor
  keys: ['polluted'],
  label: 'polluted',
  mask: evil,
  minLength: 1,
  secrets: { polluted: 'polluted' },
  // parts of a request
  data: 'polluted',
  form: 'polluted',
  json: 'polluted',
  params: 'polluted',
  password: 'polluted',
  qs: 'polluted',
  query: 'polluted',
  searchParams: 'polluted',
  url: 'https://evil.example/',
  username: 'polluted',
}

/** Puts the entries on `Object.prototype`; a merge bug leaves enumerable ones. */
export function pollute(entries: Pollution, enumerable: boolean): void {
  for (const [key, value] of Object.entries(entries)) {
    const descriptor: PropertyDescriptor = { configurable: true, enumerable, writable: true, value }
    // without a prototype, or the second `get` on Object.prototype could not be defined
    Object.setPrototypeOf(descriptor, null)
    Object.defineProperty(Object.prototype, key, descriptor)
  }
}

/**
 * Calls `use` while the entries are inherited by everything, and not a moment longer: no `expect` inside.
 *
 * For names that the test tools themselves do not survive, such as `value`.
 */
export async function withPollution<T>(entries: Pollution, use: () => T | Promise<T>): Promise<T> {
  const before = Object.keys(entries).map(
    (key) => [key, Object.getOwnPropertyDescriptor(Object.prototype, key)] as const,
  )
  pollute(entries, true)
  try {
    return await use()
  } finally {
    for (const [key] of before) delete (Object.prototype as Record<string, unknown>)[key]
    for (const [key, descriptor] of before) if (descriptor) Object.defineProperty(Object.prototype, key, descriptor)
  }
}
