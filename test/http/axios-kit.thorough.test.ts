import { errorCases } from './axios-error-cases.ts'
import { client as overFetch } from './axios-fetch-kit-client.ts'
import { client as overHttp } from './axios-http-kit-client.ts'
import { clientKit } from './client-kit.ts'

clientKit(overHttp, ['URL tricks', 'redirects', 'values', 'debug output'])
clientKit(overFetch)
errorCases('fetch')
