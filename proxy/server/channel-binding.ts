// What SCRAM can bind to on a leg (RFC 9266): tls-exporter, which is unique
// only where TLS 1.3 made it so. A SIMPP channel ends at the gateway, so that
// the server behind it could not check a binding; the pin and the gateway's
// JID check stand in its place (docs/protocol.md §4).

import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { StreamFeatures } from '../../shared/xmpp/features.ts';
import type { ClientBinding } from '../sasl/scram-client.ts';

const exporterLabel = 'EXPORTER-Channel-Binding';
const exporterBytes = 32;

/** The binding for -PLUS on this stream; undefined where the stream or the server has none that fits. */
export function channelBinding(stream: Duplex, features: StreamFeatures): ClientBinding | undefined {
  if (!(stream instanceof TLSSocket) || stream.getProtocol() !== 'TLSv1.3') return undefined;
  // XEP-0440; a server that lists nothing means the default of RFC 9266 §3.
  const { channelBindings } = features;
  if (channelBindings.length > 0 && !channelBindings.includes('tls-exporter')) return undefined;
  const data = stream.exportKeyingMaterial(exporterBytes, exporterLabel, Buffer.alloc(0));
  return { kind: 'p', type: 'tls-exporter', data: new Uint8Array(data) };
}
