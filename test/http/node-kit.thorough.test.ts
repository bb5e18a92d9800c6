import { clientKit } from './client-kit.ts'
import { client } from './node-kit-client.ts'

clientKit(client, ['redirects', 'values', 'debug output'])
