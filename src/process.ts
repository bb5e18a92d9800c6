/**
 * Programs that get secrets by their environment: run with redacted output, or given a `.env` file.
 *
 * @module guillemet/process
 */

export type { OutputTarget } from './process/output.ts'
export { renderDotenv } from './process/render-dotenv.ts'
export { type ProcessResult, type RunProcessOptions, runProcess } from './process/run-process.ts'
