import { client as overFetch } from './axios-fetch-kit-client.ts'
import { client as overHttp } from './axios-http-kit-client.ts'
import { clientKit } from './client-kit.ts'

for (const client of [overHttp, overFetch]) clientKit(client, ['redirects', 'values', 'debug output'])
