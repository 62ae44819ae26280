const begin = `
redis.set_repl(redis.REPL_REPLICA)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Keys: in flight, health, requests of the last second, turns. Answers {0} entered, {1} the breaker is open, {2} all slots
 * are taken, {3} the rate is reached, each with the milliseconds to wait. `open` without a live `probe` lets one through.
 */
export const enterScript = `${begin}
local token, jobId, limit, rate, hold = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local h = redis.call('HMGET', KEYS[2], 'open', 'probe_until', 'timeouts', 'moved', 'average', 'slot')
local open, probeUntil, moved = tonumber(h[1]), tonumber(h[2]) or 0, tonumber(h[4]) or now
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZCARD', KEYS[1])
if open then
  if open > now then return {1, open - now} end
  if probeUntil > now then return {1, math.max(100, now - moved)} end
else
  if (tonumber(h[3]) or 0) > 0 then limit = 1 end
  if held >= limit then return {2, math.max(tonumber(h[5]) or 0, now - moved)} end
end
if rate > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - 5000)
  local turn = tonumber(redis.call('ZSCORE', KEYS[4], jobId))
  local sent = redis.call('ZCARD', KEYS[3])
  local freeAt = now
  if sent >= rate then
    freeAt = tonumber(redis.call('ZRANGE', KEYS[3], sent - rate, sent - rate, 'WITHSCORES')[2]) + 1001
  end
  if turn then
    if math.max(turn, freeAt) > now then return {3, math.max(turn, freeAt) - now} end
    redis.call('ZREM', KEYS[4], jobId)
  elseif freeAt > now or redis.call('ZCARD', KEYS[4]) > 0 then
    local slot = math.max(freeAt, (tonumber(h[6]) or 0) + math.ceil(1000 / rate))
    redis.call('HSET', KEYS[2], 'slot', slot)
    redis.call('PEXPIRE', KEYS[2], 3600000)
    redis.call('ZADD', KEYS[4], slot, jobId)
    redis.call('PEXPIRE', KEYS[4], slot - now + 5000)
    return {3, slot - now}
  end
  redis.call('ZADD', KEYS[3], now, token)
  redis.call('PEXPIRE', KEYS[3], 2000)
end
redis.call('ZADD', KEYS[1], now + hold, token)
if redis.call('PTTL', KEYS[1]) < hold then redis.call('PEXPIRE', KEYS[1], hold) end
if open then redis.call('HSET', KEYS[2], 'probe', token, 'probe_until', now + hold, 'moved', now)
elseif held == 0 then redis.call('HSET', KEYS[2], 'moved', now) end
redis.call('PEXPIRE', KEYS[2], 3600000)
return {0, 0}
`;

/** Keys: in flight, health, open breakers. Answers the milliseconds for which the endpoint is closed from now, or 0. */
export const leaveScript = `${begin}
local token, outcome, duration, endpointId = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local maxFailures, maxTimeouts, openMs, maxOpenMs = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local jitter, askedMs = tonumber(ARGV[9]), tonumber(ARGV[10])
redis.call('ZREM', KEYS[1], token)
local h = redis.call('HMGET', KEYS[2], 'open', 'probe', 'average', 'asked')
local isProbe = h[2] == token
if isProbe then redis.call('HDEL', KEYS[2], 'probe', 'probe_until') end
redis.call('PEXPIRE', KEYS[2], 3600000)
if ARGV[11] == '1' then redis.call('HDEL', KEYS[2], 'failures', 'timeouts') end
if outcome == 'interrupted' then return 0 end
redis.call('HSET', KEYS[2], 'moved', now, 'average', math.floor((tonumber(h[3]) or duration) * 0.8 + duration * 0.2))
if outcome == 'success' then
  redis.call('HDEL', KEYS[2], 'failures', 'timeouts')
  if h[1] and (isProbe or not h[4]) then
    redis.call('HDEL', KEYS[2], 'open', 'opens', 'asked')
    redis.call('ZREM', KEYS[3], endpointId)
  end
  return 0
end
local failures = redis.call('HINCRBY', KEYS[2], 'failures', 1)
local timeouts = 0
if outcome == 'timeout' then timeouts = redis.call('HINCRBY', KEYS[2], 'timeouts', 1)
else redis.call('HDEL', KEYS[2], 'timeouts') end
local closedMs = 0
if isProbe or (not h[1] and (failures >= maxFailures or timeouts >= maxTimeouts)) then
  local opens = redis.call('HINCRBY', KEYS[2], 'opens', 1)
  closedMs = math.min(maxOpenMs, openMs * 2 ^ (opens - 1)) * jitter
end
if askedMs > 0 and (isProbe or not h[1]) then
  redis.call('HSET', KEYS[2], 'asked', 1)
  closedMs = math.max(closedMs, math.min(askedMs, maxOpenMs))
end
closedMs = math.floor(closedMs)
if closedMs > 0 then
  redis.call('HSET', KEYS[2], 'open', now + closedMs)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 3600000)
  redis.call('ZADD', KEYS[3], now + closedMs, endpointId)
  redis.call('PEXPIRE', KEYS[3], 7200000)
end
return closedMs
`;

/** Keys: in flight, health. What has left, or run out, stays so. */
export const renewScript = `${begin}
local hold = tonumber(ARGV[1])
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'XX', now + hold, ARGV[i])
  if redis.call('HGET', KEYS[2], 'probe') == ARGV[i] then redis.call('HSET', KEYS[2], 'probe_until', now + hold) end
end
if redis.call('PTTL', KEYS[1]) < hold then redis.call('PEXPIRE', KEYS[1], hold) end
return 1
`;
