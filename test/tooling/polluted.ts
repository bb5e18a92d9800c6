/**
 * Set-up of the polluted run.
 *
 * While modules load the properties do not enumerate, since bundled packages walk their exports with `for in`; while
 * a test runs they do, as a merge bug would leave them.
 */

import { afterEach, beforeEach } from 'vitest'
import { POLLUTION, pollute } from './pollution.ts'

pollute(POLLUTION, false)
beforeEach(() => pollute(POLLUTION, true))
afterEach(() => pollute(POLLUTION, false))
