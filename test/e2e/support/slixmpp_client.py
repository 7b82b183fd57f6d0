"""A slixmpp client driven by JSON lines: commands on stdin, events on stdout.

Commands: {"do": "message", "to", "body", "type"?, "id"?} | {"do": "presence", ...}
  | {"do": "roster"} | {"do": "subscribe", "to"} | {"do": "ping", "to"?}
  | {"do": "send", "xml"} | {"do": "disconnect"}
Events: {"event": "connected" | "session" | "message" | "carbon" | "presence" | "roster" | "pong"
  | "auth-failed" | "stream-error" | "disconnected" | "stanza" | "error" | "registered", ...}
"message" has a body or is an error; "stanza" is any other message.
The first line on stdin is the set-up of the connection.
"""
import asyncio
import json
import logging
import ssl
import sys
import xml.etree.ElementTree as ElementTree

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath


def emit(event, **fields):
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


class Client(slixmpp.ClientXMPP):
    def __init__(self, setup):
        mechanism = setup.get("mechanism")
        super().__init__(setup["jid"], setup["password"], sasl_mech=mechanism)
        self.setup = setup
        # The stream must end when the server ends it: tests look at each single login.
        self.reconnect = lambda *args, **kwargs: None
        for plugin in ("xep_0030", "xep_0199", *setup.get("plugins", [])):
            self.register_plugin(plugin)
        if setup.get("register"):
            self.register_plugin("xep_0077")
            self.plugin["xep_0077"].force_registration = True
            self.add_event_handler("register", self.on_register)
        if setup.get("plainInClear"):
            self["feature_mechanisms"].unencrypted_plain = True
        if setup.get("caFile"):
            self.ca_certs = setup["caFile"]
        if setup.get("keepCertificateUnchecked"):
            self.ssl_context.check_hostname = False
            self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("connected", lambda _: emit("connected"))
        self.add_event_handler("session_start", self.on_session)
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("message_error", self.on_message)
        # slixmpp itself has no event for messages without a body: copies, receipts, chat states.
        self.register_handler(Callback("any message", StanzaPath("message"), self.on_any_message))
        self.add_event_handler("carbon_received", lambda message: self.on_carbon(message["carbon_received"]))
        self.add_event_handler("carbon_sent", lambda message: self.on_carbon(message["carbon_sent"]))
        self.add_event_handler("presence", self.on_presence)
        self.add_event_handler("failed_auth", self.on_failed_auth)
        self.add_event_handler("failed_all_auth", lambda _: emit("auth-failed"))
        self.add_event_handler("stream_error", self.on_stream_error)
        self.add_event_handler("connection_failed", lambda why: emit("connection-failed", text=str(why)))
        self.add_event_handler("disconnected", lambda why: emit("disconnected", text=str(why)))

    async def on_session(self, _):
        self.send_presence()
        await self.get_roster()
        emit("session", jid=str(self.boundjid))

    async def on_register(self, _):
        iq = self.Iq()
        iq["type"] = "set"
        iq["register"]["username"] = self.boundjid.user
        iq["register"]["password"] = self.password
        try:
            await iq.send()
            emit("registered")
        except IqError as error:
            emit("error", condition=error.iq["error"]["condition"])

    def on_message(self, message):
        emit("message", **{"from": str(message["from"])}, to=str(message["to"]), type=message["type"],
             id=message["id"], body=message["body"], xml=str(message))

    def on_carbon(self, message):
        emit("carbon", **{"from": str(message["from"])}, to=str(message["to"]), body=message["body"], xml=str(message))

    def on_any_message(self, message):
        if message.xml.find("{jabber:client}body") is None:
            emit("stanza", **{"from": str(message["from"])}, type=message["type"], id=message["id"], xml=str(message))

    def on_presence(self, presence):
        emit("presence", **{"from": str(presence["from"])}, type=presence["type"], xml=str(presence))

    def on_failed_auth(self, failure):
        emit("sasl-failure", condition=failure["condition"], text=failure["text"])

    def on_stream_error(self, error):
        emit("stream-error", condition=error["condition"], text=error["text"])

    async def obey(self, command):
        what = command["do"]
        if what == "message":
            message = self.make_message(mto=command["to"], mbody=command["body"], mtype=command.get("type", "chat"))
            if "id" in command:
                message["id"] = command["id"]
            message.send()
        elif what == "presence":
            self.send_presence(pshow=command.get("show"), pstatus=command.get("status"), pto=command.get("to"))
        elif what == "subscribe":
            self.send_presence_subscription(pto=command["to"])
        elif what == "roster":
            await self.get_roster()
            emit("roster", contacts={jid: self.client_roster[jid]["subscription"] for jid in self.client_roster.keys()})
        elif what == "ping":
            seconds = await self["xep_0199"].ping(command.get("to") or self.boundjid.host, timeout=10)
            emit("pong", seconds=seconds)
        elif what == "send":
            self.send_raw(command["xml"])
        elif what == "disconnect":
            await self.disconnect(wait=1)
        else:
            raise ValueError(f"unknown command {what}")


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    setup = json.loads(await reader.readline())
    logging.basicConfig(level=logging.DEBUG if setup.get("debug") else logging.ERROR, stream=sys.stderr)
    client = Client(setup)
    tls = setup.get("tls", "none")
    client.connect((setup["host"], setup["port"]), use_ssl=tls == "direct", force_starttls=tls == "starttls",
                   disable_starttls=tls == "none")
    while line := await reader.readline():
        try:
            await client.obey(json.loads(line))
        except (IqError, IqTimeout) as error:
            emit("error", condition=error.iq["error"]["condition"] if isinstance(error, IqError) else "timeout")
    await client.disconnect(wait=1)


asyncio.run(main())
