/** A real D-Bus session bus with or without a Secret Service that it could start. */

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why there can be no bus here, or undefined. */
export function busMissing(): string | undefined {
  if (process.platform !== 'linux') return 'a session bus needs Linux'
  return spawnSync('dbus-daemon', ['--version']).status === 0 ? undefined : 'dbus-daemon is not installed'
}

/**
 * Starts a bus in the folder, which it makes.
 *
 * @returns its address, and what ends it
 */
export async function startBus(
  folder: string,
  hasSecretService: boolean,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const services = join(folder, 'services')
  mkdirSync(services, { recursive: true })
  if (hasSecretService) {
    writeFileSync(join(services, 'secrets.service'), '[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n')
  }
  const config = join(folder, 'bus.conf')
  writeFileSync(
    config,
    `<busconfig><type>session</type><listen>unix:dir=${folder}</listen><servicedir>${services}</servicedir>
    <auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  )
  const bus = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const address = await new Promise<string>((resolve, reject) => {
    bus.once('error', reject)
    bus.once('exit', () => reject(new Error('The bus ended.')))
    bus.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      bus.once('exit', () => resolve())
      bus.kill()
    })
  return { address, stop }
}
