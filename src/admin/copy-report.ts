/** What a copy or an import has done, counted. */

import type { CopiedRecord, CopyOutcome } from './place-copy.ts'
import { MOST_LISTED } from './run.ts'
import type { WorkspaceFailure } from './workspaces.ts'

/** What was done in one workspace. */
export interface CopiedWorkspace {
  /** The workspace. */
  readonly workspace: string
  /** How many secrets were seen. */
  readonly records: number
  /** How many were not there before. */
  readonly copied: number
  /** How many were there, differed and were replaced. */
  readonly replaced: number
  /** How many were there already. */
  readonly same: number
  /** Those that were left as they are there (`differs`, `deleted`) or do not open; at most 1,000 are listed. */
  readonly left: readonly CopiedRecord[]
  /** How many of these there are. */
  readonly leftCount: number
}

/** What `copyVault` or `importBackup` did. */
export interface CopyReport {
  /** Each workspace that was begun. */
  readonly workspaces: readonly CopiedWorkspace[]
  /** Those that could not be worked on, and why. */
  readonly failed: readonly WorkspaceFailure[]
  /** Whether every secret is in the other vault now, as it was. */
  readonly isComplete: boolean
  /** Whether nothing was written. */
  readonly isDryRun: boolean
}

/** Counts the secrets of one workspace. */
export class CopyCounts {
  readonly #workspace: string
  readonly #counts: Record<CopyOutcome, number> = {
    copied: 0,
    replaced: 0,
    same: 0,
    differs: 0,
    deleted: 0,
    unreadable: 0,
  }
  readonly #left: CopiedRecord[] = []

  constructor(workspace: string) {
    this.#workspace = workspace
  }

  /** Counts one, and gives it back. */
  add(record: CopiedRecord): CopiedRecord {
    this.#counts[record.outcome]++
    const isLeft = !['copied', 'replaced', 'same'].includes(record.outcome)
    if (isLeft && this.#left.length < MOST_LISTED) this.#left.push(record)
    return record
  }

  /** What was counted. */
  done(): CopiedWorkspace {
    const { copied, replaced, same, differs, deleted, unreadable } = this.#counts
    const leftCount = differs + deleted + unreadable
    const records = copied + replaced + same + leftCount
    return { workspace: this.#workspace, records, copied, replaced, same, left: this.#left, leftCount }
  }
}

/** The report of a whole run. */
export function copyReport(
  workspaces: readonly CopiedWorkspace[],
  failed: readonly WorkspaceFailure[],
  isDryRun: boolean,
  isAborted: boolean,
): CopyReport {
  const isComplete = !isAborted && failed.length === 0 && workspaces.every(({ leftCount }) => leftCount === 0)
  return { workspaces, failed, isComplete, isDryRun }
}
