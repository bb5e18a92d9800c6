import { clientKit } from './client-kit.ts'
import { client } from './fetch-kit-client.ts'

clientKit(client, ['URL tricks', 'failures', 'bodies', 'resends'])
