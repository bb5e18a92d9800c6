/** Whether a secret may be used here and now: one verdict a secret, on clear information, before anything is opened. */

import { GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { own } from '../plain-object.ts'
import { type Destination, denialOf, locationDenialOf } from '../secrets/allow.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { infoOf } from '../secrets/secret.ts'
import { askPolicy } from './policy.ts'
import type { Found } from './secret-set.ts'
import type { View } from './view.ts'

/** Where a resolve goes, as far as rules must know. */
export interface Aim {
  readonly destination: Destination | undefined
  /** What stands for the host in errors where it came out of a secret. */
  readonly shownHost?: string
}

/** The policy's answer to using a tag; also asked for one that is not there, so that an error tells nothing. */
export async function askUse(
  view: View,
  tag: string,
  found: Found | undefined,
  use: { readonly destination?: string; readonly locations?: readonly ReferenceLocation[] },
): Promise<GuillemetError | undefined> {
  const { policy } = view.root
  if (policy === undefined) return undefined
  // a destination that is not known must not be found on a polluted prototype
  const destination = own(use, 'destination')
  const locations = own(use, 'locations')
  return askPolicy(policy, {
    action: 'use',
    tag,
    ...(found !== undefined && {
      secret: infoOf({ ...found.place, version: found.record.version }, found.record.info),
    }),
    ...(view.actor !== undefined && { actor: view.actor }),
    ...(view.purpose !== undefined && { purpose: view.purpose }),
    ...(destination !== undefined && { destination }),
    ...(locations !== undefined && { locations }),
  })
}

/** The refusal of a secret that is switched off or past its time. */
export function stateDenial(tag: string, info: ClearInfo, now: number): GuillemetError | undefined {
  if (!info.enabled) {
    return new GuillemetError(
      'ERR_SECRET_DISABLED',
      `The secret "${tag}" is disabled; enable it with update to use it.`,
      {
        tag,
      },
    )
  }
  // so that a clock that gives no number lets everything expire
  if (info.expiresAt !== undefined && !(Date.parse(info.expiresAt) > now)) {
    return new GuillemetError(
      'ERR_SECRET_EXPIRED',
      `The secret "${tag}" has expired; set a new value and a new expiresAt.`,
      {
        tag,
      },
    )
  }
  return undefined
}

/** The refusal of one reference by the secret's own rule, where the request goes. */
export function ruleDenial(reference: Reference, info: ClearInfo, aim: Aim): GuillemetError | undefined {
  if (info.allow === undefined) return undefined
  const shownHost = own(aim, 'shownHost')
  return denialOf(info.allow, reference.tag, {
    location: reference.location,
    path: reference.path,
    ...(aim.destination !== undefined && { destination: aim.destination }),
    ...(shownHost !== undefined && { shownHost }),
  })
}

/**
 * The refusal, before it is opened, of a secret that stands in the host itself: its hosts cannot be known yet, but
 * whether it may stand there at all can.
 */
export function hostPositionDenial({ tag, path }: Reference, info: ClearInfo): GuillemetError | undefined {
  return locationDenialOf(info.allow, tag, { location: 'host', path })
}
