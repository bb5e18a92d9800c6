import { clientKit } from './client-kit.ts'
import { client } from './undici-kit-client.ts'

clientKit(client, ['failures', 'bodies', 'resends'])
