-- Makes Prosody 0.12 bind logins as its successors do: with the types in the
-- table `types`, which the test puts before this text, listed as XEP-0440 says.
-- By itself it knows only tls-unique, over TLS 1.2.
local st = require "util.stanza";

local function from_hex(text)
	return (text:gsub("%x%x", function (digits) return string.char(tonumber(digits, 16)); end));
end

-- The test's certificates are signed with SHA-256.
local file = assert(io.open(module:get_option("ssl").certificate));
local certificate_hash = from_hex(require "ssl".loadcertificate(file:read("*a")):digest("sha256"));
file:close();

local readers = {
	["tls-exporter"] = function (socket)
		return socket:exportkeyingmaterial("EXPORTER-Channel-Binding", 32, "");
	end;
	["tls-server-end-point"] = function ()
		return certificate_hash;
	end;
};

module:hook("stream-features", function (event)
	local session, features = event.origin, event.features;
	local mechanisms = features:get_child("mechanisms", "urn:ietf:params:xml:ns:xmpp-sasl");
	if not session.encrypted or not mechanisms then return; end
	mechanisms:tag("mechanism"):text("SCRAM-SHA-1-PLUS"):up();
	local list = st.stanza("sasl-channel-binding", { xmlns = "urn:xmpp:sasl-cb:0" });
	local socket = session.conn:socket();
	for _, name in ipairs(types) do
		list:tag("channel-binding", { type = name }):up();
		local read = readers[name];
		if read then session.sasl_handler:add_cb_handler(name, function () return read(socket); end); end
	end
	features:add_child(list);
end, -1);
