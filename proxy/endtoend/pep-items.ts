// The personal nodes of an account and what their items hold (docs/protocol.md
// §9.1): signed objects in canonical base64, in an element with text only.
import { fromBase64, fromHex, toBase64, toHex } from '../../shared/bytes.ts';
import type { ValuesOf } from '../../shared/codec/message.ts';
import { SimppError } from '../../shared/errors.ts';
import { devicePrekey, deviceSet } from '../../shared/simpp/end-to-end-messages.ts';
import { certificateBody, maxDevices, signedObject } from '../../shared/simpp/messages.ts';
import { element, escapeText, type Xml } from '../../shared/xml/write.ts';
import type { NodeShape } from '../../shared/xmpp/pubsub.ts';
import type { WaitingDevice } from './directory.ts';

export const endToEndNs = 'urn:simpp:e2e:2';

/** Most characters of text in one item. */
export const maxItemText = 16 * 1024;

/** A kind of node: the name of the payload's element, who reads it and how many items it keeps. */
export interface NodeKind {
  readonly payload: 'devices' | 'prekey' | 'waiting';
  readonly shape: NodeShape;
}

/** Everybody's to read, with one item. */
export const devicesKind: NodeKind = { payload: 'devices', shape: { access: 'open', maxItems: 1 } };
export const prekeyKind: NodeKind = { payload: 'prekey', shape: { access: 'open', maxItems: 1 } };
/** One's own devices' only; an item for each that asks for approval. */
export const waitingKind: NodeKind = { payload: 'waiting', shape: { access: 'whitelist', maxItems: 10 } };

export const devicesNode = `${endToEndNs}:devices`;
export const waitingNode = `${endToEndNs}:waiting`;
/** Id of the only item of the other nodes. */
export const currentItem = 'current';

export function prekeyNode(deviceId: string): string {
  return `${endToEndNs}:prekey:${deviceId}`;
}

export type DeviceSet = ValuesOf<typeof deviceSet>;
export type DevicePrekey = ValuesOf<typeof devicePrekey>;

/** Undefined when it would be longer than servers take. */
export function writePayload({ payload }: NodeKind, bytes: Uint8Array): Xml | undefined {
  const text = toBase64(bytes);
  return text.length > maxItemText ? undefined : element(payload, { xmlns: endToEndNs }, escapeText(text));
}

/** What `read` gives; undefined for anything that is not as a proxy writes it. */
function whereReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // TypeError: not canonical base64. Anything else would be a fault of ours.
    if (error instanceof SimppError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function readDeviceSet(text: string): DeviceSet | undefined {
  return whereReadable(() => deviceSet.decode(fromBase64(text)));
}

export function readDevicePrekey(text: string): DevicePrekey | undefined {
  return whereReadable(() => devicePrekey.decode(fromBase64(text)));
}

/** The id that a certificate names, in hexadecimal; nothing of it is checked. */
export function deviceIdOf(certificate: Uint8Array): string | undefined {
  return whereReadable(() => toHex(certificateBody.decode(signedObject.decode(certificate).body).deviceId));
}

/** An item of the waiting node; its id must be that of the certificate. */
export function readWaiting(id: string, text: string): WaitingDevice | undefined {
  const certificate = whereReadable(() => fromBase64(text));
  if (certificate === undefined || deviceIdOf(certificate) !== id) return undefined;
  return { deviceId: fromHex(id), certificate };
}

/** Ids of the devices that certificates name, each once. */
export function deviceIdsOf(certificates: readonly Uint8Array[]): readonly string[] {
  const ids = certificates.map(deviceIdOf).filter((id) => id !== undefined);
  return [...new Set(ids)].slice(0, maxDevices);
}
