/** What a child process gets as its environment. */

import { describe, expect, it } from 'vitest'
import { childEnvironment, requireSizes, UNIX, WINDOWS } from '../../src/process/environment.ts'
import { pathOf } from '../../src/template/context.ts'
import type { Used } from '../../src/vault/api.ts'
import { errorOf } from '../template/harness.ts'

const used = (path: string): Used => ({
  tag: 'key',
  path,
  index: 0,
  location: 'env',
  filters: [],
  environment: 'default',
  version: 1,
})

describe('the environment of a child', () => {
  it('is what it inherits, with its own variables over it', () => {
    const env = childEnvironment({ A: 'own', B: '2' }, [], { A: 'old', C: '3', D: undefined }, [], UNIX)
    expect({ ...env }).toEqual({ A: 'own', B: '2', C: '3' })
  })

  it('has one variable of a name on systems that ignore case, and two elsewhere', () => {
    expect({ ...childEnvironment({ Path: 'own' }, [], { PATH: 'old' }, [], WINDOWS) }).toEqual({ Path: 'own' })
    expect({ ...childEnvironment({ Path: 'own' }, [], { PATH: 'old' }, [], UNIX) }).toEqual({
      Path: 'own',
      PATH: 'old',
    })
    const twice = errorOf(() => childEnvironment({ path: 'a', PATH: 'b' }, [], {}, [], WINDOWS))
    expect(twice).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'PATH' })
  })

  it.each([
    'NODE_OPTIONS',
    'node_options',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'PATH',
    'Path',
    'BASH_ENV',
    'GIT_SSH_COMMAND',
    'PYTHONSTARTUP',
    'BASH_FUNC_ls%%',
    'BASH_FUNC_a.b%%',
    ...'DOTNET_STARTUP_HOOKS LUA_INIT LUA_INIT_5_4 MAVEN_OPTS GIT_EXTERNAL_DIFF GIT_SEQUENCE_EDITOR ZDOTDIR'.split(' '),
    ...'npm_config_node_options npm_config_script_shell RUSTC_WRAPPER PYTHONBREAKPOINT PYTHONUSERBASE'.split(' '),
    ...'ERL_FLAGS PHPRC VIMINIT GCONV_PATH NODE_REPL_EXTERNAL_MODULE CORECLR_PROFILER_PATH SUDO_ASKPASS'.split(' '),
    ...'MANPAGER BROWSER'.split(' '),
  ])('has no secret in %s, unless it is allowed', (name) => {
    expect(errorOf(() => childEnvironment({ [name]: 'x' }, [used(pathOf([name]))], {}, [], UNIX))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      path: name,
      tag: 'key',
    })
    expect(childEnvironment({ [name]: 'x' }, [used(pathOf([name]))], {}, [name], UNIX)[name]).toBe('x')
    expect(childEnvironment({ [name]: 'x' }, [], {}, [], UNIX)[name]).toBe('x')
  })

  it.each(['MY_PATH', 'PATHS', 'NODE_OPTIONS_2', 'API_KEY', 'OLD_LD_X', 'npm_config__auth', 'HTTP_PROXY'])(
    'may have a secret in %s',
    (name) => {
      expect(childEnvironment({ [name]: 'x' }, [used(name)], {}, [], UNIX)[name]).toBe('x')
    },
  )

  it('has no secret that begins as a function of a shell, unless it is allowed', () => {
    const value = '() { echo hunter2; }'
    const error = errorOf(() => childEnvironment({ X: value }, [used('X')], {}, [], UNIX))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'X', tag: 'key' })
    expect(error.message).not.toContain('hunter2')
    expect(childEnvironment({ X: value }, [used('X')], {}, ['X'], UNIX)['X']).toBe(value)
    expect(childEnvironment({ X: value }, [], {}, [], UNIX)['X']).toBe(value)
  })

  it.each(['', 'A=B', 'A\0'])('has no variable named %j', (name) => {
    expect(errorOf(() => childEnvironment({ [name]: 'x' }, [], {}, [], UNIX)).code).toBe('ERR_INVALID_INPUT')
  })

  it('does not take a name of Object.prototype for one of its own', () => {
    const env = childEnvironment({ ['__proto__']: 'x' }, [], { constructor: 'y' }, [], UNIX)
    expect(Object.keys(env).sort()).toEqual(['__proto__', 'constructor'])
  })

  it('is refused with the name of the variable where one is too long for the system', () => {
    const fits = 'x'.repeat(131_072 - 'BIG='.length - 1)
    requireSizes({ BIG: fits }, [], UNIX)
    expect(errorOf(() => requireSizes({ SMALL: 'a', BIG: `${fits}x` }, [], UNIX))).toMatchObject({
      code: 'ERR_UNSAFE_ENV_VALUE',
      path: 'BIG',
    })
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`V${index}`, 'y'.repeat(100_000)]))
    const all = errorOf(() => requireSizes({ ...many, LARGEST: 'z'.repeat(110_000) }, [], UNIX))
    expect(all).toMatchObject({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'LARGEST' })
  })
})
