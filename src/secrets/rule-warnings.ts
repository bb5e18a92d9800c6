/** What a rule permits that its author probably did not mean. Nothing here refuses anything. */

import { parseUrl } from '../url.ts'
import { hostRuleParts, isLoopback } from './host.ts'
import type { StoredRule } from './secret.ts'

/** One of them. */
export interface RuleWarning {
  readonly code: 'WARN_BROAD_HOST' | 'WARN_PLAIN_HTTP' | 'WARN_ANY_BODY_MEMBER'
  /** Completes a sentence that begins with `The rule of "tag"`. */
  readonly says: string
}

/**
 * Under these names anybody can have a host of their own. Those that people write into rules; the whole of the Public Suffix
 * List (publicsuffix.org) would be a dependency that is out of date in every installation.
 */
const SHARED_SUFFIXES = [
  'amazonaws.com amplifyapp.com appspot.com awsapprunner.com azure-api.net azurecontainerapps.io azureedge.net azurefd.net',
  'azurestaticapps.net azurewebsites.net blogspot.com cloudfront.net cloudfunctions.net cloudflareaccess.com',
  'deno.dev digitaloceanspaces.com duckdns.org elasticbeanstalk.com firebaseapp.com firebaseio.com fly.dev fly.io github.dev',
  'github.io githubpreview.dev gitlab.io glitch.me googleapis.com googleusercontent.com hasura.app herokuapp.com hf.space',
  'loca.lt lovable.app myshopify.com netlify.app ngrok-free.app ngrok.app ngrok.dev ngrok.io nip.io on.aws onrender.com',
  'ondigitalocean.app pages.dev pythonanywhere.com r2.dev railway.app repl.co replit.app replit.dev run.app',
  'sslip.io streamlit.app supabase.co surge.sh trycloudflare.com up.railway.app vercel.app web.app webflow.io windows.net',
  'wixsite.com wordpress.com workers.dev zeabur.app',
]
/** Every name under these is given to anyone who asks, at any depth. */
const SHARED_AT_ANY_DEPTH = ['amazonaws.com', 'azure.com', 'windows.net', 'on.aws']
/** `co.uk`, `com.au`, `ne.jp`: what stands before a country where a registry sells names one level down. */
const SECOND_LEVEL = /^(?:ac|co|com|edu|gob|gov|gouv|go|id|in|info|ltd|me|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2}$/
/** RFC 1918, RFC 6598, RFC 4193, link-local addresses. */
const PRIVATE_ADDRESS =
  /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[f[cd]|\[fe[89ab])/
/** Names that no public server has (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what ICANN keeps for private use). */
const PRIVATE_NAME = /(?:^|\.)(?:alt|home\.arpa|internal|invalid|lan|local|localhost|svc|test)$/

/** The warnings of a rule in its stored form, each kind once. */
export function ruleWarnings({
  hosts = [],
  in: places = [],
}: Pick<StoredRule, 'hosts' | 'in'>): readonly RuleWarning[] {
  const warnings: RuleWarning[] = []
  const broad = hosts.find(isBroad)
  if (broad !== undefined) {
    const says = `names "${broad}", under which anybody can have a host; name the hosts that are meant`
    warnings.push({ code: 'WARN_BROAD_HOST', says })
  }
  const plain = hosts.find(isPublicHttp)
  if (plain !== undefined) {
    const says = `names "${plain}", where everybody on the way can read the secret; use https`
    warnings.push({ code: 'WARN_PLAIN_HTTP', says })
  }
  if (places.includes('body')) {
    const says = 'permits every member of a body, texts of others too; name it, as in "body:client_secret"'
    warnings.push({ code: 'WARN_ANY_BODY_MEMBER', says })
  }
  return warnings
}

/** Whether strangers can have a host that the star matches. */
function isBroad(rule: string): boolean {
  const { host } = hostRuleParts(rule)
  if (!host.startsWith('*.')) return false
  const suffix = host.slice(2).replace(/:\d+$/, '')
  if (!suffix.includes('.')) return !PRIVATE_NAME.test(suffix)
  const isDeep = SHARED_AT_ANY_DEPTH.some((shared) => suffix.endsWith(`.${shared}`))
  return isDeep || SHARED_SUFFIXES.some((line) => line.split(' ').includes(suffix)) || SECOND_LEVEL.test(suffix)
}

function isPublicHttp(rule: string): boolean {
  const { isHttp, host } = hostRuleParts(rule)
  const url = isHttp ? parseUrl(`http://${host.replace(/^\*\./, '').replace(/:\*$/, '')}`) : undefined
  if (url === undefined || isLoopback(url)) return false
  const { hostname } = url
  const isSingleLabel = !hostname.includes('.') && !hostname.startsWith('[')
  return !isSingleLabel && !PRIVATE_ADDRESS.test(hostname) && !PRIVATE_NAME.test(hostname)
}
