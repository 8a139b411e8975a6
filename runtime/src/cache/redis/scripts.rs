//! What happens in Redis at one go, so that no other instance sees half of it.

/// Gives the value, or else a lease on the place. Keys: epoch, value, lease. Arguments: a new token, the version of the schema,
/// the lease's time in ms.
pub(super) const GET: &str = r"
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local value = redis.call('GET', KEYS[2])
if value then
  local mark = epoch .. ' ' .. ARGV[2] .. ' '
  if string.sub(value, 1, #mark) == mark then
    return {'hit', string.sub(value, #mark + 1), redis.call('PTTL', KEYS[2])}
  end
end
if redis.call('SET', KEYS[3], epoch .. ' ' .. ARGV[1], 'NX', 'PX', ARGV[3]) then
  return {'vacant', epoch .. ' ' .. ARGV[1], 0}
end
return {'busy', '', 0}
";

/// Fills a place if the lease still holds. Keys: epoch, value, lease. Arguments: the lease, its epoch, the value with its mark,
/// its time in ms.
pub(super) const PUT: &str = r"
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[3])
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return 1
";

/// Gives a lease back. Keys: lease. Arguments: the lease.
pub(super) const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
";

/// Forgets keys and ends their leases. Keys: value and lease of each. Arguments: the channel, and the news for each.
pub(super) const FORGET: &str = r"
redis.call('DEL', unpack(KEYS))
for i = 2, #ARGV do redis.call('PUBLISH', ARGV[1], ARGV[i]) end
return 1
";

/// Forgets everything: what carries another epoch does not count any more. Keys: epoch. Arguments: the new epoch, the channel,
/// the news.
pub(super) const FORGET_ALL: &str = r"
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
";

/// Forgets everything unless the server is the one that the cache was last used with. Keys: server, epoch. Arguments: the
/// server's identity, a new epoch.
pub(super) const KNOW: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
return 1
";
