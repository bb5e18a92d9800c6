/**
 * What becomes of superseded versions, and why a late writer never wins.
 *
 * A version is committed by `link`, which fails where the name exists, so names that stay decide every race. They cannot
 * all stay for ever; some of them are swept, by a rule that needs no clock and no lock:
 *
 * 1. A version is emptied (its name given to the empty file) only after a newer one is on the disk; the oldest first, so
 *    that the empty ones come before the full ones even if a writer was killed in between.
 * 2. Whoever has committed version n may sweep up to k = n - kept: `floor-k` is made and brought to the disk first; then
 *    names up to k go, then floors below k.
 * 3. A writer that has given its draft the name n looks for floors afterwards. If there is one from n on, it is told
 *    that the outcome is unknown.
 * 4. A reader reads a version first and lists the directory afterwards. The version counts if it is the newest there.
 *
 * The highest floor never goes down: a floor is removed only by a sweeper that has made a higher one. It is always below
 * the newest version: k < n, and n was committed before. So, wherever any of them is stopped, killed, or resumed after any
 * number of versions and sweeps by others:
 *
 * - a late writer finds its name n taken, which is a conflict; or finds it free because it was swept, so a floor from n
 *   on was there before, is there when it looks, and it is not told that it has won (3);
 * - the name it made so is at or below the floor and never the newest: no listing gives it (4), nothing builds upon it,
 *   and the next sweep removes it;
 * - a writer that did win and was overtaken before it looked is told the same: the outcome is unknown, which is true;
 * - a late sweeper removes only names up to its own k and floors below it: none of them means anything any more;
 * - a late emptier replaces a name below its own n: it was superseded, or swept, which leaves an empty name below the
 *   floor;
 * - killed or cut off from power between the steps, a sweep has made a floor that is true and left names that mean
 *   nothing; the next one goes on.
 *
 * One assumption: a listing sees the directory at one moment. A directory of this size is read by one call of the kernel,
 * which holds the lock that making and removing names needs.
 */

import fs from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../errors.ts'
import { statusOf, syncDirectory } from './directories.ts'
import { linkEmpty, replaceByEmpty } from './empty.ts'
import { floorName } from './names.ts'
import { isVersionFile, type Listing, type TagPlace } from './versions.ts'

/** Names that one sweep removes at most; more than that are there only after many a writer was killed. */
const MAX_SWEPT = 1000

/** The directory of a tag after a commit, and what is needed to tidy it. */
export interface CommittedTag {
  readonly directory: string
  readonly place: TagPlace
  /** The version that was committed and is on the disk. */
  readonly version: number
  readonly listing: Listing
  /** The directory with the empty file. */
  readonly drafts: string
}

/** Empties what this version has superseded. Foreign files stay as they are. */
export async function emptySuperseded(tag: CommittedTag): Promise<void> {
  const { directory, place, version, listing, drafts } = tag
  const older = listing.versions.filter((one) => one < version && one > listing.floor).sort((a, b) => b - a)
  const full: number[] = []
  for (const one of older) {
    const status = await statusOf(join(directory, String(one)))
    if (status?.isFile() && status.size === 0) break
    if (status?.isFile()) full.push(one)
  }
  for (const one of full.reverse()) {
    const path = join(directory, String(one))
    if (await isVersionFile(path, { ...place, version: one })) await replaceByEmpty(drafts, path)
  }
}

/** Removes superseded names once there are more than twice as many as are kept. Foreign files stay as they are. */
export async function sweepSuperseded(tag: CommittedTag, kept: number): Promise<void> {
  const { directory, place, version, listing, drafts } = tag
  const floor = version - kept
  if (listing.versions.length <= 2 * kept || floor <= listing.floor) return
  await makeFloor(directory, floor, drafts)
  const swept = listing.versions.filter((one) => one <= floor).sort((a, b) => a - b)
  for (const one of swept.slice(0, MAX_SWEPT)) {
    const path = join(directory, String(one))
    if (await isOurs(path, place, one)) await fs.unlink(path)
  }
  for (const lower of listing.floors.filter((one) => one < floor)) await fs.unlink(join(directory, floorName(lower)))
}

async function makeFloor(directory: string, version: number, drafts: string): Promise<void> {
  try {
    await linkEmpty(drafts, join(directory, floorName(version)))
  } catch (error) {
    // whoever made it may have died before it was on the disk
    if (codeOf(error) !== 'EEXIST') throw error
  }
  await syncDirectory(directory)
}

/** Whether removing the name loses nothing of anybody else: no bytes, or they have another name, or they are ours. */
async function isOurs(path: string, place: TagPlace, version: number): Promise<boolean> {
  const status = await statusOf(path)
  if (!status?.isFile()) return false
  return status.size === 0 || status.nlink > 1 || (await isVersionFile(path, { ...place, version }))
}
