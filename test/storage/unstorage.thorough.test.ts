/** The unstorage adapter on files: a driver that does not write at one stroke. */

import type { Driver } from 'unstorage'
import fsLiteDriver from 'unstorage/drivers/fs-lite'
import { IN_MEMORY, scratch } from './scratch.ts'
import { describeDriver } from './unstorage-cases.ts'

const place = scratch(IN_MEMORY)

describeDriver('fs-lite', () => fsLiteDriver({ base: place() }) as Driver)
