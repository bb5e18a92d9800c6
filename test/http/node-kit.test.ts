import { clientKit } from './client-kit.ts'
import { client } from './node-kit-client.ts'

clientKit(client, ['URL tricks', 'failures', 'bodies', 'resends'])
