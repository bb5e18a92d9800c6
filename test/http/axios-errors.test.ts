import { errorCases } from './axios-error-cases.ts'

errorCases('http')
