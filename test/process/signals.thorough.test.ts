/** Signals to a process that waits for a program: each reaches the program once. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spawn as openTerminal } from '@lydell/node-pty'
import { describe, expect, it } from 'vitest'

const NODE = process.execPath
const CHILD = fileURLToPath(new URL('./children/run-a-child.ts', import.meta.url))

describe('signals to the waiting process', () => {
  it.each([
    ['SIGTERM', 1],
    ['SIGINT', 1],
    ['SIGHUP', 1],
    ['SIGQUIT', 1],
    ['SIGUSR2', 1],
  ] as const)('%s reaches the program once', async (signal, times) => {
    const parent = spawn(NODE, ['--import', 'tsx', CHILD], { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    parent.stdout.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('ready')) {
        text = text.replace('ready', 'sent')
        parent.kill(signal)
      }
    })
    const [code] = await once(parent, 'close')
    expect(text).toContain(`${signal} ${times}`)
    expect(code).toBe(5)
  })
})

describe('Ctrl-C at a terminal', () => {
  it('reaches the program once, and the waiting process waits for it', async () => {
    const terminal = openTerminal(NODE, ['--import', 'tsx', CHILD], { env: process.env as Record<string, string> })
    let text = ''
    const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)))
    terminal.onData((data) => {
      text += data
      if (!text.includes('ready')) return
      text = text.replace('ready', 'sent')
      terminal.write('\x03')
    })
    expect(await ended).toBe(5)
    expect(text).toContain('SIGINT 1')
  })
})
