import { axiosKitClient } from './axios-kit-client.ts'

/** axios over its adapter http. */
export const client = axiosKitClient('http', import.meta.url)
