/** File systems of our own, where the tests run as root of a Linux that allows it: full, read-only, cut off from power. */

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IMAGE_BYTES = 32 * 1024 * 1024

function run(command: string, ...of: string[]): void {
  execFileSync(command, of, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Mounts a tmpfs of this size, and with so many inodes, at the path; the result unmounts it. */
export function mountTmpfs(path: string, size: string, inodes = 10_000): () => void {
  mkdirSync(path, { recursive: true })
  run('mount', '-t', 'tmpfs', '-o', `size=${size},nr_inodes=${inodes},mode=700`, 'guillemet-test', path)
  return () => run('umount', '-l', path)
}

export function remountReadOnly(path: string): void {
  run('mount', '-o', 'remount,ro', path)
}

/** Makes an ext4 image in the file, with so many inodes. Its journal is written by syncs, hardly ever by time. */
export function makeImage(file: string, inodes = 4096): void {
  writeFileSync(file, '')
  truncateSync(file, IMAGE_BYTES)
  run('mkfs.ext4', '-q', '-F', '-N', String(inodes), file)
}

/** Mounts the image in the file at the path; the result unmounts it. */
export function mountImage(file: string, path: string): () => void {
  mkdirSync(path, { recursive: true })
  run('mount', '-o', 'loop,commit=300', file, path)
  return () => run('umount', path)
}

/** The disk as it is at this moment: what was not synced is not on it. */
export function copyDisk(file: string, copy: string): void {
  copyFileSync(file, copy)
}

/** Why this kind of mount cannot be had here, or undefined. */
export function mountsMissing(kind: 'tmpfs' | 'loop'): string | undefined {
  if (process.platform !== 'linux') return 'mounts need Linux'
  if (process.getuid?.() !== 0) return 'mounts need root'
  const home = mkdtempSync(join(tmpdir(), 'guillemet-mount-'))
  try {
    const image = join(home, 'image')
    if (kind === 'loop') makeImage(image)
    const unmount = kind === 'loop' ? mountImage(image, join(home, 'at')) : mountTmpfs(join(home, 'at'), '1m')
    unmount()
    return undefined
  } catch {
    return `this machine refuses a ${kind} mount`
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
