/** execa within `use`: its errors hold command, output and options, and its `verbose` prints what the program prints. */

import { inspect } from 'node:util'
import { type ExecaError, execa, type Options } from 'execa'
import { expect, it } from 'vitest'
import { leakProbe } from '../../src/testing/node.ts'
import { clientStage, KEY } from './stage.ts'

const NODE = process.execPath
const ECHO = 'console.log(process.env.TOKEN); console.error(process.env.TOKEN); process.exitCode = 1'

async function stage() {
  const { vault } = await clientStage(() => undefined)
  const run = (command: string, args: readonly string[], more: Options = {}) => {
    // #region execa
    const verbose = (line: string) => vault.redactor.text(line)
    return vault.use({ TOKEN: '<< secrets.key >>' }, (env) => execa(command, args, { env, verbose, ...more }), {
      as: 'env',
    })
    // #endregion
  }
  return { vault, run }
}

it('the program gets the key, and the outcome prints as redacted', async () => {
  const { run } = await stage()
  const outcome = await run(NODE, ['-e', 'console.log(process.env.TOKEN)'])
  expect(outcome.expose().stdout).toBe(KEY)
  const { leaks } = await leakProbe({ key: KEY }, ({ output }) => output([outcome, inspect(outcome)], 'printed'))
  expect(leaks).toEqual([])
  expect(JSON.stringify(outcome.redacted)).toContain('[secret:key]')
})

it.each<[string, string, readonly string[], Options]>([
  ['an exit code with an echo', NODE, ['-e', ECHO], {}],
  ['an echo in bytes', NODE, ['-e', ECHO], { encoding: 'buffer' }],
  ['an echo in lines', NODE, ['-e', ECHO], { lines: true, all: true }],
  ['a missing command', 'no-such-command-anywhere', ['x'], {}],
  ['a missing directory', NODE, ['-e', ''], { cwd: '/no/such/directory' }],
  ['a file that may not be run', '/etc/hostname', [], {}],
  ['a timeout', NODE, ['-e', `${ECHO}; setInterval(() => {}, 1000)`], { timeout: 500 }],
  ['too much output', NODE, ['-e', `${ECHO}; console.log(process.env.TOKEN.repeat(100))`], { maxBuffer: 200 }],
  ['an argument with a NUL', NODE, ['-e', 'a\0b'], {}],
  ['a variable that is too long', NODE, ['-e', ''], { env: { TOKEN: KEY, BIG: 'x'.repeat(200_000) } }],
])('%s shows no key', async (_name, command, args, more) => {
  const { run } = await stage()
  const { error, leaks } = await leakProbe(
    { key: KEY },
    ({ output }) =>
      run(command, args, { verbose: 'none', ...more } as Options).catch((thrown: unknown) => {
        output(inspect(thrown, { depth: 12, showHidden: true, maxStringLength: null }), 'inspection')
        const { stdout, stderr, all, stdio, command, escapedCommand, cause, stack } = thrown as ExecaError<Options>
        output([stdout, stderr, all, stdio, command, escapedCommand, cause, stack], 'members')
        throw thrown
      }),
    { capture: ['stdout', 'stderr', 'console'] },
  )
  expect(error).toBeInstanceOf(Error)
  expect(leaks).toEqual([])
})

it('without `use` around it the error shows the key: the probe finds it', async () => {
  const { leaks } = await leakProbe({ key: KEY }, () => execa(NODE, ['-e', ECHO], { env: { TOKEN: KEY } }))
  expect(new Set(leaks.map(({ path }) => path))).toContain('stderr')
})

it('what verbose prints is masked, and the probe finds it where it is not', async () => {
  const { run } = await stage()
  const capture = { capture: ['stderr', 'stdout', 'console'] } as const
  const args = ['-e', 'console.log(process.env.TOKEN)']
  const masked = await leakProbe({ key: KEY }, async () => void (await run(NODE, args)), capture)
  expect(masked.leaks).toEqual([])
  const plain = await leakProbe(
    { key: KEY },
    async () => void (await execa(NODE, args, { env: { TOKEN: KEY }, verbose: 'full' })),
    capture,
  )
  expect(plain.leaks).not.toEqual([])
})
