/** What kind of file system a directory lies on, for errors only. */

import fs from 'node:fs/promises'

/** Magic numbers of Linux, of what is known to have no hard links, or to have them now and then. */
const FILE_SYSTEM_NAMES: ReadonlyMap<number, string> = new Map([
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
  [0x5346544e, 'NTFS'],
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P, a shared folder'],
  [0x786f4256, 'a shared folder of VirtualBox'],
  [0x65735546, 'FUSE'],
])

/** The name of the file system, as far as it is known. */
export async function fileSystemOf(path: string): Promise<string> {
  try {
    const { type } = await fs.statfs(path, { bigint: false })
    return FILE_SYSTEM_NAMES.get(type) ?? `type 0x${type.toString(16)}`
  } catch {
    return 'of an unknown type'
  }
}
