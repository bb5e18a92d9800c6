/** stdout and stderr of a process, whoever writes there and in whatever pieces, and a pipe for a child's output. */

// #region stdio
import { spawn } from 'node:child_process'
import { redactPipe, redactStdio } from 'guillemet/log/stdio'
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })
const stdio = redactStdio(redactor)

process.stdout.write('key sk-4c')
process.stdout.write(Buffer.from('1f0e9d2b\n')) // prints: key [secret:stripe]
process.stdout.write('Continue? [y/N] ')
stdio.flush() // the beginning of a value would wait for up to a second; a prompt should not

const child = spawn(process.execPath, ['-e', 'console.log("child sk-4c1f0e9d2b")'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
child.stdout.pipe(redactPipe(redactor)).pipe(process.stdout) // prints: child [secret:stripe]
// #endregion
