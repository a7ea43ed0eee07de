import { NOW, script } from './script.ts'

// The same windows as one process has: what is counted shares a bucket with the rest of its second, and leaves with the last of it, so no
// 60 seconds ever hold more than was allowed. A window is one value of at most some 60 buckets: {second, when its last was, requests, tokens}.

const WINDOW = `
local function read(key, span)
  local window = { buckets = {}, requests = 0, tokens = 0 }
  local packed = redis.call('GET', key)
  for _, bucket in ipairs(packed and cmsgpack.unpack(packed) or {}) do
    -- A clock that steps back leaves nothing in the future, which would never end.
    bucket[1], bucket[2] = math.min(bucket[1], math.floor(now * 60 / span)), math.min(bucket[2], now)
    if bucket[2] > now - span then
      table.insert(window.buckets, bucket)
      window.requests, window.tokens = window.requests + bucket[3], window.tokens + bucket[4]
    end
  end
  return window
end

local function add(window, span, requests, tokens)
  local second = math.floor(now * 60 / span)
  local bucket = window.buckets[#window.buckets]
  if not bucket or bucket[1] < second then
    bucket = { second, now, 0, 0 }
    table.insert(window.buckets, bucket)
  end
  bucket[2], bucket[3], bucket[4] = now, bucket[3] + requests, bucket[4] + tokens
  window.requests, window.tokens = window.requests + requests, window.tokens + tokens
  return second
end

local function reset(window, span)
  local last = window.buckets[#window.buckets]
  return last and last[2] + span - now or 0
end

local function write(key, window, span)
  if #window.buckets == 0 then return redis.call('DEL', key) end
  redis.call('SET', key, cmsgpack.pack(window.buckets), 'PX', math.max(1, reset(window, span)))
end
`

/**
 * Takes a place in each window, and a lease where requests at a time are limited, or none at all. KEYS: the window and the leases of each
 * meter. ARGV: the lease, how long it lasts, the span, the tokens; then of each meter rpm, tpm and concurrency, -1 for unlimited.
 * Answers {1, the bucket, then of each meter requests, tokens, milliseconds to its end}, or {0, the
 * meter, which limit, used, milliseconds to wait, and the same three of that meter}.
 */
export const take = script(`${NOW}${WINDOW}
local function wait(window, field, total, room, span)
  for _, bucket in ipairs(window.buckets) do
    if total <= room then return 0 end
    total = total - bucket[field]
    if total <= room then return bucket[2] + span - now end
  end
  return 0
end

local function refused(meter, limit, used, waiting, window, span)
  if not window then return { 0, meter, limit, used, waiting, 0, 0, 0 } end
  return { 0, meter, limit, used, waiting, window.requests, window.tokens, reset(window, span) }
end

local lease, life, span, tokens = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local windows = {}
for meter = 1, #KEYS / 2 do
  local at = 3 * meter + 2
  local rpm, tpm, concurrency = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if rpm >= 0 or tpm >= 0 then
    local window = read(KEYS[2 * meter - 1], span)
    windows[meter] = window
    if rpm >= 0 and window.requests + 1 > rpm then
      return refused(meter, 1, window.requests, wait(window, 3, window.requests, rpm - 1, span), window, span)
    end
    if tpm >= 0 and window.tokens + tokens > tpm then
      return refused(meter, 2, window.tokens, wait(window, 4, window.tokens, tpm - tokens, span), window, span)
    end
  end
  if concurrency >= 0 then
    local leases = KEYS[2 * meter]
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
    local running = redis.call('ZCARD', leases)
    if running >= concurrency then return refused(meter, 3, running, 0, windows[meter], span) end
  end
end

local reply = { 1, math.floor(now * 60 / span) }
for meter = 1, #KEYS / 2 do
  local window = windows[meter]
  if window then
    add(window, span, 1, tokens)
    write(KEYS[2 * meter - 1], window, span)
  end
  if tonumber(ARGV[3 * meter + 4]) >= 0 then
    redis.call('ZADD', KEYS[2 * meter], now + life, lease)
    redis.call('PEXPIRE', KEYS[2 * meter], life)
  end
  table.insert(reply, window and window.requests or 0)
  table.insert(reply, window and window.tokens or 0)
  table.insert(reply, window and reset(window, span) or 0)
end
return reply
`)

/**
 * Ends a lease and corrects what was counted. KEYS as for taking. ARGV: the lease, the span, the bucket, and how many requests and tokens
 * go back into it, while it lasts. Tokens below zero are counted now.
 */
export const give = script(`${NOW}${WINDOW}
local lease, span, second, requests, tokens = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
for meter = 1, #KEYS / 2 do
  redis.call('ZREM', KEYS[2 * meter], lease)
  if requests ~= 0 or tokens ~= 0 then
    local window = read(KEYS[2 * meter - 1], span)
    if tokens < 0 then add(window, span, 0, -tokens) end
    for _, bucket in ipairs(tokens >= 0 and window.buckets or {}) do
      if bucket[1] == second then
        bucket[3], bucket[4] = math.max(0, bucket[3] - requests), math.max(0, bucket[4] - tokens)
        break
      end
    end
    write(KEYS[2 * meter - 1], window, span)
  end
end
return 1
`)

/** Makes leases last on. KEYS: where they are. ARGV: how long, then the leases. */
export const renew = script(`${NOW}
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[at]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
`)
