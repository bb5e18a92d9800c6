import { axiosKitClient } from './axios-kit-client.ts'

/** axios over its adapter fetch. */
export const client = axiosKitClient('fetch', import.meta.url)
