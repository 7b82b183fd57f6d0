// What SCRAM binds to on the server leg: tls-exporter (RFC 9266), tls-unique
// and tls-server-end-point (RFC 5929), the strongest that leg and server share.
// A SIMPP channel ends at the gateway, so that the server behind it could not
// check a binding; the pin and the gateway's JID check stand in its place
// (docs/protocol.md §4).

import { createHash, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { StreamFeatures } from '../../shared/xmpp/features.ts';
import type { ChannelBinding } from '../sasl/scram-client.ts';

/** What a login on this leg can do, and has to say, about its channel (RFC 5802 §6). */
export type BindingChoice =
  /** The leg has no TLS of its own. */
  | { readonly kind: 'impossible' }
  /** The leg could, the server offers no -PLUS: unless that was taken out of its offer on the way. */
  | { readonly kind: 'not-offered' }
  /** The server offers -PLUS, but says that it knows only other types. */
  | { readonly kind: 'no-common-type' }
  | { readonly kind: 'bound'; readonly binding: ChannelBinding };

/** The best binding for this stream and this offer. */
export function channelBinding(stream: Duplex, offer: StreamFeatures): BindingChoice {
  if (!(stream instanceof TLSSocket)) return { kind: 'impossible' };
  if (!offer.mechanisms.some((name) => name.endsWith('-PLUS'))) return { kind: 'not-offered' };
  const { channelBindings } = offer;
  // A server without XEP-0440 means the default of RFC 5802 §6.1. Debian's ejabberd does so even over TLS 1.3.
  const wanted = channelBindings.length === 0 ? ['tls-unique'] : channelBindings;
  for (const [type, read] of Object.entries(channelBindings.length === 0 ? anyVersion : byStrength)) {
    const data = wanted.includes(type) ? read(stream) : undefined;
    // as: a key of the table.
    if (data !== undefined) return { kind: 'bound', binding: { type: type as ChannelBinding['type'], data } };
  }
  return { kind: 'no-common-type' };
}

type Reader = (socket: TLSSocket) => Uint8Array | undefined;

/** The bytes that name this channel; undefined where the type has no meaning. */
const byStrength: Readonly<Record<ChannelBinding['type'], Reader>> = {
  // RFC 9266 §1 wants TLS 1.3, or the extended master secret, of which Node does not tell.
  'tls-exporter': (socket) =>
    isTls13(socket) ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : undefined,
  'tls-unique': (socket) => (isTls13(socket) ? undefined : firstFinished(socket)),
  'tls-server-end-point': (socket) => endPoint(socket.getPeerX509Certificate()),
};

const anyVersion = { 'tls-unique': firstFinished };

function isTls13(socket: TLSSocket): boolean {
  return socket.getProtocol() === 'TLSv1.3';
}

/** RFC 5929 §3.1: the first Finished of a full handshake is the client's; we never resume, where it would not be safe. */
function firstFinished(socket: TLSSocket): Uint8Array | undefined {
  return socket.isSessionReused() ? undefined : socket.getFinished();
}

/** Signature algorithms with one hash, which is the one to use; MD5 and SHA-1 are replaced (RFC 5929 §4.1). */
const signatureHashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256', // md5WithRSAEncryption
  '1.2.840.113549.1.1.5': 'sha256', // sha1WithRSAEncryption
  '1.2.840.10045.4.1': 'sha256', // ecdsa-with-SHA1
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** The certificate's hash; undefined for those whose signature has no hash of its own, like Ed25519's. */
function endPoint(certificate: X509Certificate | undefined): Uint8Array | undefined {
  const hash = certificate && signatureHashes[certificate.signatureAlgorithmOid];
  return hash === undefined ? undefined : createHash(hash).update(certificate!.raw).digest();
}
