-- Sends clients to another host (RFC 6120 4.9.3.19). The test puts before this
-- text: `state`, the one of the stream that is sent away ("plaintext",
-- "encrypted" or "authenticated"), and `target`, where to; "self" is this server.
local st = require "util.stanza";

local function state_of(session)
	if session.username then return "authenticated"; end
	return session.secure and "encrypted" or "plaintext";
end

if target == "self" then
	local ports = module:get_option_array("c2s_ports") + module:get_option_array("c2s_direct_tls_ports");
	target = "127.0.0.1:" .. tostring(ports[1]);
end

module:hook("stream-features", function (event)
	if state_of(event.origin) ~= state then return; end
	local condition = { xmlns = "urn:ietf:params:xml:ns:xmpp-streams" };
	event.origin:close(st.stanza("stream:error"):tag("see-other-host", condition):text(target):up());
	return true;
end, 10);
