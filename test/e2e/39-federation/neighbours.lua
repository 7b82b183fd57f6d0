-- Where other servers are: there is no DNS for names like south.test. The test
-- puts `neighbours` before this text, the port on loopback of each domain.
local service = require "net.resolvers.service";
local manual = require "net.resolvers.manual";

module:set_global();

service.new = function (domain, name)
	local port = name == "xmpp-server" and neighbours[domain];
	return manual.new(port and { { "tcp4", "127.0.0.1", port } } or {});
end
