import { clientKit } from './client-kit.ts'
import { client } from './fetch-kit-client.ts'

clientKit(client, ['redirects', 'values', 'debug output'])
