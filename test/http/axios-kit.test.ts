import { client } from './axios-http-kit-client.ts'
import { clientKit } from './client-kit.ts'

clientKit(client, ['failures', 'bodies', 'resends'])
