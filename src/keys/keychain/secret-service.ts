/** Whether anybody on Linux keeps what a keychain is given: a session bus that answers, and a Secret Service on it. */

import { connect } from 'node:net'
import { percentDecode } from '../../encode/percent.ts'
import { withDeadline } from '../deadline.ts'
import { hasName } from './bus.ts'

const SERVICE = 'org.freedesktop.secrets'
const BUS_TIMEOUT_MS = 5_000

/**
 * Whether there is none. Asks the bus itself, over its socket: whether the service runs, and else whether the bus can start
 * it.
 */
export async function secretServiceMissing(): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const address = process.env['DBUS_SESSION_BUS_ADDRESS'] ?? ''
  for (const path of socketsOf(address)) {
    if (await hasService(path)) return false
  }
  return true
}

/** The Unix sockets of an address such as `unix:path=/run/user/1000/bus,guid=…;tcp:…`, as the D-Bus specification has it. */
function socketsOf(address: string): string[] {
  const sockets: string[] = []
  for (const one of address.split(';')) {
    const [, transport, members] = /^([a-z]+):(.*)$/s.exec(one) ?? []
    if (transport !== 'unix') continue
    for (const member of members!.split(',')) {
      const [key, value = ''] = member.split('=', 2)
      if (key === 'path' && value !== '') sockets.push(percentDecode(value))
      if (key === 'abstract' && value !== '') sockets.push(`\0${percentDecode(value)}`)
    }
  }
  return sockets
}

async function hasService(path: string): Promise<boolean> {
  const socket = connect(path)
  socket.on('error', () => undefined) // told to whoever reads; without a listener it would end the process
  try {
    return await withDeadline(BUS_TIMEOUT_MS, () => hasName(socket, SERVICE))
  } catch {
    return false // dead, slow, or no bus
  } finally {
    socket.destroy()
  }
}
