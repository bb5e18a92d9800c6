/** Outputs of workflow steps, of what people have in them: user names, ports, TTLs, flags, host names, texts with them. */

import fc from 'fast-check'

const USERS = ['app', 'admin', 'postgres', 'root', 'ann', 'ci-bot', 'guest', 'service']
const HOSTS = ['db', 'db.internal', 'eu-1.example.com', 'localhost', '10.0.0.7', 'cache-7', 'production']
const WORDS = ['true', 'false', 'null', 'none', 'on', 'yes', '', ' ', '5432', '3600', 'v1', 'GET', 'ok', 'pin7']
const NUMBERS = [0, 1, 42, 443, 5432, 6379, 8080, 300, 3600, 86400, -1, 0.5, 1e21, 4821337, 148213377, 1712345678901]

const words = fc.constantFrom(...USERS, ...HOSTS, ...WORDS)
const texts = fc.oneof(
  words,
  fc.array(words, { maxLength: 5 }).map((parts) => parts.join(' ')),
  fc
    .tuple(words, words, fc.constantFrom(443, 5432, 6379, 8080))
    .map(([user, host, port]) => `pg://${user}@${host}:${port}/app`),
)
const names = fc.oneof(
  fc.constantFrom(
    'user',
    'host',
    'port',
    'ttl',
    'enabled',
    'password',
    'token',
    'authorization',
    'name',
    'value',
    'key',
  ),
  words,
)

/** Any JSON value of such parts. */
export const stepOutputs: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.constantFrom(...NUMBERS),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value
