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
  /** XEP-0313 before 0.2, whose mark of archived messages ejabberd still gives. */
  oldMam: 'urn:xmpp:mam:tmp',
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  /** XEP-0203, delayed delivery, and its predecessor XEP-0091. */
  delay: 'urn:xmpp:delay',
  legacyDelay: 'jabber:x:delay',
  pubsub: 'http://jabber.org/protocol/pubsub',
  chatStates: 'http://jabber.org/protocol/chatstates',
  /** XEP-0184, delivery receipts. */
  receipts: 'urn:xmpp:receipts',
  /** XEP-0333, displayed markers. */
  chatMarkers: 'urn:xmpp:chat-markers:0',
  /** XEP-0249, direct invitations to rooms. */
  conferenceInvitation: 'jabber:x:conference',
  /** XEP-0297, stanza forwarding. */
  forward: 'urn:xmpp:forward:0',
  /** XEP-0334, message processing hints. */
  hints: 'urn:xmpp:hints',
  /** XEP-0359, stanza ids. */
  stanzaIds: 'urn:xmpp:sid:0',
  /** XEP-0033, extended addressing. */
  addresses: 'http://jabber.org/protocol/address',
  /** XEP-0071, XHTML-IM, and the body within it. */
  xhtmlIm: 'http://jabber.org/protocol/xhtml-im',
  xhtml: 'http://www.w3.org/1999/xhtml',
  /** XEP-0066, out-of-band data. */
  outOfBand: 'jabber:x:oob',
  /** XEP-0447, files, and XEP-0372, references, in whatever version. */
  fileSharingBase: 'urn:xmpp:sfs:',
  referenceBase: 'urn:xmpp:reference:',
  /** XEP-0424, retraction, and XEP-0422, what it stood in before; XEP-0444, reactions; XEP-0308, correction. */
  retractBase: 'urn:xmpp:message-retract:',
  fastenBase: 'urn:xmpp:fasten:',
  reactionsBase: 'urn:xmpp:reactions:',
  correctBase: 'urn:xmpp:message-correct:',
  /** XEP-0380, explicit message encryption. */
  encryptionName: 'urn:xmpp:eme:0',
  /** XEP-0420, stanza content encryption. */
  envelope: 'urn:xmpp:sce:1',
  /** XEP-0434, trust messages, and their use by XEP-0450. */
  trustMessages: 'urn:xmpp:tm:1',
  automaticTrust: 'urn:xmpp:atm:1',
  /** What a request to speak in a room has as its FORM_TYPE (XEP-0045 §7.13). */
  mucRequest: 'http://jabber.org/protocol/muc#request',
  /** SIMPP's stream feature and handshake, profile simpp-2. */
  simppStream: 'urn:simpp:stream:2',
  /** The same, profile classic. */
  simppClassic: 'urn:simpp:stream:classic',
  /** What SIMPP puts into messages (docs/protocol.md §9.5), profile simpp-2. */
  simppMessages: 'urn:simpp:e2e:2',
  /** The same, profile classic (§10.3). */
  simppClassicMessages: 'urn:simpp:e2e:classic',
} as const;
