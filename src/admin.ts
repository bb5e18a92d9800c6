/**
 * The commands of an administrator: rotating, rewrapping and retiring keys.
 *
 * @module guillemet/admin
 */

export type { AdminRun } from './admin/run.ts'
