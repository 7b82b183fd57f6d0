// XML namespaces of XMPP, by what they are for.

/** Namespaces of RFC 6120, the XEPs and SIMPP that this project reads or writes. */
export const ns = {
  streams: 'http://etherx.jabber.org/streams',
  client: 'jabber:client',
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  session: 'urn:ietf:params:xml:ns:xmpp-session',
  roster: 'jabber:iq:roster',
  /** XEP-0078, non-SASL authentication. */
  legacyAuth: 'jabber:iq:auth',
  legacyAuthFeature: 'http://jabber.org/features/iq-auth',
  /** XEP-0077, in-band registration. */
  register: 'jabber:iq:register',
  registerFeature: 'http://jabber.org/features/iq-register',
  /** XEP-0004, data forms. */
  dataForms: 'jabber:x:data',
  /** XEP-0138, stream compression: feature and protocol. */
  compressionFeature: 'http://jabber.org/features/compress',
  compression: 'http://jabber.org/protocol/compress',
  /** XEP-0440, channel-binding capability. */
  saslChannelBinding: 'urn:xmpp:sasl-cb:0',
  /** XEP-0388, SASL2. */
  sasl2: 'urn:xmpp:sasl:2',
  /** XEP-0386, Bind 2. */
  bind2: 'urn:xmpp:bind:0',
  /** XEP-0484, FAST. */
  fast: 'urn:xmpp:fast:0',
  /** XEP-0198, stream management. */
  sm2: 'urn:xmpp:sm:2',
  sm3: 'urn:xmpp:sm:3',
  ping: 'urn:xmpp:ping',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  carbons: 'urn:xmpp:carbons:2',
  mam: 'urn:xmpp:mam:2',
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  delay: 'urn:xmpp:delay',
  pubsub: 'http://jabber.org/protocol/pubsub',
  chatStates: 'http://jabber.org/protocol/chatstates',
  /** SIMPP's stream feature and handshake, profile simpp-2. */
  simppStream: 'urn:simpp:stream:2',
  /** The same, profile classic. */
  simppClassic: 'urn:simpp:stream:classic',
} as const;
