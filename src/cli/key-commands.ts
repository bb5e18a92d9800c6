/**
 * `rotate` and `rewrap`: two words for two things. The first seals records under a new data key, the second wraps data keys
 * with the vault's keys; each says at its end what it did not do.
 *
 * Neither has a lock or a file of progress: what is done is seen on the records, so that any end can be gone on from.
 */

import {
  type RewrapReport,
  type RotatedRecord,
  type RotatedWorkspace,
  type RotateReport,
  rewrapKeys,
  rotateKeys,
  type WorkspaceFailure,
} from '../admin.ts'
import { CommandError, EXIT, type Host, note, printJson } from './host.ts'
import { ProgressNote } from './progress.ts'
import { requireKeyring, type Session } from './session.ts'

/** Options of `rotate`. */
export interface RotateOptions {
  readonly dryRun?: boolean
}

export async function rotate(host: Host, session: Session, { dryRun = false }: RotateOptions): Promise<number> {
  if (!session.hasKey) await requireKeyring(session)
  return interruptible(host, 'rotate', async (signal) => {
    const run = rotateKeys(session.vault, { ...workspacesOf(session), signal, dryRun })
    const progress = new ProgressNote(host, 'record')
    try {
      for await (const record of run) progress.step(record.workspace)
    } finally {
      progress.end()
    }
    const report = await run
    if (session.options.json === true) await printJson(host, report)
    requireAny(report.workspaces.length + report.failed.length)
    for (const workspace of report.workspaces) tellWorkspace(host, workspace, dryRun)
    tellFailed(host, report.failed)
    if (report.isComplete) tellRotated(host, report)
    return report.isComplete
  })
}

export async function rewrap(host: Host, session: Session): Promise<number> {
  if (!session.hasKey) await requireKeyring(session)
  return interruptible(host, 'rewrap', async (signal) => {
    const run = rewrapKeys(session.vault, { ...workspacesOf(session), signal })
    const progress = new ProgressNote(host, 'keyring')
    let unopened = 0
    try {
      for await (const done of run) {
        unopened += done.unopened.length
        progress.step(done.workspace)
      }
    } finally {
      progress.end()
    }
    const report = await run
    if (session.options.json === true) await printJson(host, report)
    requireAny(report.done + report.failed.length)
    tellFailed(host, report.failed)
    tellRewrapped(host, report, unopened)
    return report.failed.length === 0 && unopened === 0 && !signal.aborted
  })
}

/** Lets the record at hand be finished where somebody wants to end it; the exit code. */
async function interruptible(
  host: Host,
  name: string,
  work: (signal: AbortSignal) => Promise<boolean>,
): Promise<number> {
  const controller = new AbortController()
  let exitCode: number | undefined
  host.onInterrupt = (signal) => {
    exitCode = EXIT[signal]
    controller.abort()
  }
  try {
    const isDone = await work(controller.signal)
    if (exitCode === undefined) return isDone ? EXIT.done : EXIT.failed
    note(host, `Interrupted, after the record at hand; nothing is left half done. Go on with: guillemet ${name}`)
    return exitCode
  } finally {
    host.onInterrupt = undefined
  }
}

function workspacesOf({ options: { workspace } }: Session): { workspaces?: readonly string[] } {
  return workspace === undefined ? {} : { workspaces: [workspace] }
}

function requireAny(count: number): void {
  if (count === 0) throw new CommandError('Nothing is stored here, so nothing was done. To begin, run: guillemet init')
}

function tellWorkspace(host: Host, done: RotatedWorkspace, isDryRun: boolean): void {
  const { workspace, records, rotated, bumped, current, unreadable, unreadableCount, isResumed } = done
  const counts = isDryRun
    ? `${records - unreadableCount} would be sealed again`
    : `${rotated} sealed again, ${current} were already, ${bumped} without a value`
  const resumed = isResumed ? '; an earlier rotation was gone on with, and no new data key made' : ''
  note(host, `${workspace}: ${records} records: ${counts}, ${unreadableCount} not readable${resumed}.`)
  for (const record of unreadable) note(host, `  not readable: ${placeAndReason(record)}`)
}

function placeAndReason({ environment, tag, reason, code }: RotatedRecord): string {
  return `${environment}/${tag} (${reason ?? code})`
}

function tellFailed(host: Host, failed: readonly WorkspaceFailure[]): void {
  for (const { workspace, message, code } of failed) note(host, `${workspace}: nothing was done. ${message} (${code})`)
}

function tellRotated(host: Host, { isDryRun, workspaces, needed }: RotateReport): void {
  if (isDryRun) {
    note(host, 'Every record opens. Nothing was written.')
    return
  }
  const leftOut = new Set(workspaces.flatMap((one) => one.leftOut))
  note(host, 'Not done: the keys that wrap data keys are the same as before, and all of them are still needed:')
  for (const { provider } of needed) note(host, `  ${provider}`)
  note(
    host,
    'To wrap with another key, run guillemet rewrap. The old data keys are retired and still there, for backups.',
  )
  if (leftOut.size > 0)
    note(host, `These keys open nothing new: ${[...leftOut].join(', ')}. Run guillemet rewrap with them.`)
}

function tellRewrapped(host: Host, { done, isComplete, needed, noLongerNeeded }: RewrapReport, unopened: number): void {
  note(host, `${done} ${done === 1 ? 'workspace' : 'workspaces'} done. What is stored needs one of these keys:`)
  for (const { provider, keyVersion } of needed)
    note(host, `  ${provider}${keyVersion === undefined ? '' : ` ${keyVersion}`}`)
  for (const { provider, keyVersion } of noLongerNeeded) {
    note(host, `  no longer: ${provider}${keyVersion === undefined ? '' : ` ${keyVersion}`}`)
  }
  if (unopened > 0)
    note(host, `${unopened} data keys open with none of the keys that were given, and are as they were.`)
  if (!isComplete) note(host, 'Not all workspaces were seen: no key may be taken away because of this.')
  note(host, 'Not done: no record was sealed again (guillemet rotate), and no key was taken away (retireKey).')
  if (needed.length === 1) {
    note(host, 'To change to another key, give both in guillemet.config: keys: [next, old]. The first one wraps.')
  }
}
