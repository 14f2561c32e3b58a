/**
 * The part of the balancer that runs inside nginx (lua-nginx-module, LuaJIT). Peers live in the shared dictionary `flota_peers`, which
 * survives a reload and is the same for all workers, so that an endpoint changes without one. Each worker keeps the parsed pool
 * of a route until the version changes. A peer that failed a request is passed over for two seconds, while others are there.
 */
export const peersLua = (tablePath: string): string => storeLua(tablePath) + balanceLua

const storeLua = (tablePath: string) => `
    local balancer = require "ngx.balancer"
    local peers, marks = ngx.shared.flota_peers, ngx.shared.flota_marks
    local pools = {}
    flota = {}

    local function store(text)
      local version, lines = text:match("^version (%S+)\\n(.*)$")
      if not version then return nil, "the first line must be a version" end
      local seen = { version = true }
      for route, list in lines:gmatch("(%S+)([^\\n]*)\\n") do
        local ok, err = peers:safe_set("pool:" .. route, list)
        if not ok then return nil, err end
        seen["pool:" .. route] = true
      end
      for _, key in ipairs(peers:get_keys(0)) do
        if not seen[key] then peers:delete(key) end
      end
      return peers:safe_set("version", version)
    end

    local file = io.open("${tablePath}")
    if file then
      local ok, err = store(file:read("*a"))
      file:close()
      if not ok then ngx.log(ngx.ERR, "cannot use the peer table: ", err) end
    end

    function flota.peers()
      if ngx.req.get_method() == "PUT" then
        ngx.req.read_body()
        local ok, err = store(ngx.req.get_body_data() or "")
        if not ok then
          ngx.status = 400
          return ngx.say(err)
        end
      end
      ngx.say(peers:get("version") or "none")
    end

`

const balanceLua = `    local function pool_of(route)
      local version = peers:get("version")
      local pool = pools[route]
      if pool and pool.version == version then return pool end
      pool = { version = version, turn = pool and pool.turn or ngx.worker.pid() }
      for host, port in (peers:get("pool:" .. route) or ""):gmatch("(%S+):(%d+)") do
        pool[#pool + 1] = { host = host, port = tonumber(port), key = host .. ":" .. port }
      end
      pools[route] = pool
      return pool
    end

    local function choose(pool, tried)
      local size, spare = #pool, nil
      for _ = 1, size do
        pool.turn = pool.turn % size + 1
        local peer = pool[pool.turn]
        if not (tried and tried[peer.key]) then
          if not marks:get(peer.key) then return peer end
          spare = spare or peer
        end
      end
      return spare or pool[pool.turn]
    end

    function flota.gate(route)
      if pool_of(route)[1] then return end
      ngx.status = 503
      ngx.header["Retry-After"] = "1"
      ngx.header["Content-Type"] = "text/plain"
      ngx.say("no instance of route ", route, " is up")
      return ngx.exit(503)
    end

    function flota.balance(route)
      local pool, ctx = pool_of(route), ngx.ctx
      local last, tried = ctx.flota_peer, nil
      if last then
        marks:set(last, true, 2)
        tried = ctx.flota_tried or {}
        tried[last] = true
        ctx.flota_tried = tried
      elseif #pool > 1 then
        balancer.set_more_tries(#pool > 2 and 2 or 1)
      end
      local peer = choose(pool, tried)
      if not peer then return ngx.exit(ngx.ERROR) end
      ctx.flota_peer = peer.key
      assert(balancer.set_current_peer(peer.host, peer.port))
    end
`
