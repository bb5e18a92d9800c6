/**
 * What runs inside Redis: each script is atomic, and its writes are one unit in the append-only file and for replicas.
 *
 * KEYS[1] is the hash of a workspace's records, member to `version:body`; KEYS[2] is the index, the same members in
 * bytewise order. Every key that a script touches is in KEYS, so that prefixes of drivers and clusters work. A script
 * fails as a whole or not at all: Redis checks memory and disk at the first write, types are checked before it, and rights, which
 * Redis checks at each command, are tried before it.
 * Scripts are sent in full, at the price of a few hundred bytes: one that was loaded before is gone after a restart or failover.
 */

/** Both keys always hold the same members; if not, one of them was evicted, or somebody has changed them. */
const REQUIRE_WHOLE = `if redis.call('HLEN', KEYS[1]) ~= redis.call('ZCARD', KEYS[2]) then return 'damaged' end
`

/** Lua can hand only some thousand values to one call. */
const FETCH = `local function fetch(members)
  local values = {}
  for first = 1, #members, 1000 do
    local last = math.min(first + 999, #members)
    local found = redis.call('HMGET', KEYS[1], unpack(members, first, last))
    for index = 1, last - first + 1 do values[first + index - 1] = found[index] end
  end
  return values
end
`

/** ARGV: members. Their values in this order, null where there is none. */
export const GET = `${REQUIRE_WHOLE}${FETCH}return fetch(ARGV)`

/** ARGV: bounds as ZRANGEBYLEX takes them, and the limit. A list of members and a list of their values. */
export const LIST = `${REQUIRE_WHOLE}${FETCH}
local members = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
return { members, fetch(members) }`

/**
 * ARGV: member, version before (0 for none), version, body, channel or nothing, workspace.
 *
 * Versions are compared as texts, since Lua has no 64-bit numbers. That a put may meet itself, since drivers send a command
 * again that got no answer, is a conflict here; the vault reads back and sees that it is its own.
 *
 * There are two writes, and a user may have the right to one of them alone. The first ZADD is that to the index without its effect
 * (XX: only members that are there), so all that can be refused is refused while nothing is written.
 */
export const PUT = `${REQUIRE_WHOLE}
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if (stored and string.match(stored, '^%d+') or '0') ~= ARGV[2] then return 'conflict' end
redis.call('ZADD', KEYS[2], 'XX', 0, ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. ARGV[4])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if ARGV[5] ~= '' then redis.pcall('PUBLISH', ARGV[5], ARGV[6]) end
return 'written'`

/** Whether there are records; KEYS[1] is their hash. */
export const HAS_RECORDS = `return redis.call('EXISTS', KEYS[1])`

/** KEYS[1]: the index of workspaces. ARGV: a workspace. */
export const REGISTER = `redis.call('ZADD', KEYS[1], 0, ARGV[1]) return 'written'`

/** KEYS[1]: the index of workspaces. ARGV: bounds, and the limit. */
export const WORKSPACES = `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])`

/** The policy by which this server evicts keys that have no expiry; nothing where it never does, or does not say. */
export const EVICTION = `local info = redis.pcall('INFO', 'memory')
if type(info) ~= 'string' or string.match(info, 'maxmemory:(%d+)') == '0' then return '' end
return string.match(info, 'maxmemory_policy:(allkeys%S*)') or ''`
