-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The libpdp authors
--
-- Asks the daemon about one request; for haproxy.cfg beside this file.
-- Needs nothing but HAProxy 2.6 with Lua, as Debian 12 has it: the HTTP
-- client is HAProxy's own.
--
-- It sets txn.pdp_allow only after a 200 that says allow, and which path was
-- judged; whatever goes wrong before that, an error of Lua included, leaves it
-- unset, and haproxy.cfg denies.

local socket = "unix@/run/pdp/authz.sock"
local passed = { "authorization", "account", "host",
    "x-http-method-override", "x-http-method", "x-method-override" }
local kept = { "decision", "reason", "at-action", "principal", "account",
    "missing", "uri" }

local function all(values)
    local list = {}
    for _, value in pairs(values or {}) do
        list[#list + 1] = value
    end
    return list
end

core.register_action("pdp", { "http-req" }, function(txn)
    local client = txn.http:req_get_headers()
    local headers = {
        ["x-original-method"] = { txn.f:method() },
        ["x-original-uri"] = { txn.f:pathq() },
        ["x-real-ip"] = { txn.f:src() or "unix:" },
        ["x-request-id"] = { txn.f:unique_id() },
    }
    for _, name in ipairs(passed) do
        local values = all(client[name])
        if #values > 0 then
            headers[name] = values
        end
    end
    -- Milliseconds; HAProxy tries four times, so a daemon that hangs is given
    -- up after two seconds.
    local answer = core.httpclient():get{ url = "http://pdpd/",
        dst = socket, headers = headers, timeout = 500 }
    if not answer then
        return
    end
    for _, name in ipairs(kept) do
        local values = all(answer.headers["x-pdp-" .. name])
        if #values == 1 then
            txn:set_var("txn.pdp_" .. name:gsub("-", "_"), values[1])
        end
    end
    local uri = all(answer.headers["x-pdp-uri"])
    local decision = all(answer.headers["x-pdp-decision"])
    txn:set_var("txn.pdp_status", answer.status)
    if answer.status == 200 and #decision == 1 and decision[1] == "allow" and
        #uri == 1 and uri[1]:sub(1, 1) == "/" then
        txn:set_var("txn.pdp_allow", true)
    end
end, 0)
