// What a QR code says of a person's key (docs/protocol.md §9.6):
// simpp-verify:JID?fp=64 hexadecimal digits.
import { fromHex, toHex } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';

const scheme = 'simpp-verify:';
/** Three bytes of percent-encoding for each byte of the longest bare JID, and the rest. */
const maxUriLength = 3 * 2047 + 100;

/** A person and the 32 bytes of their fingerprint. */
export interface VerifyUri {
  readonly jid: string;
  readonly fingerprint: Uint8Array;
}

/** Whether a text is meant to be one. */
export function isVerifyUri(text: string): boolean {
  return text.trim().toLowerCase().startsWith(scheme);
}

/** The text of the QR code of a person; `fingerprint` is that of §3, 32 bytes. */
export function qrOf(jid: string, fingerprint: Uint8Array): string {
  const written = jid.split('@').map(encodeURIComponent).join('@');
  return `${scheme}${written}?fp=${toHex(fingerprint)}`;
}

/** Reads one, white space around it and the case of scheme and digits aside; throws SimppError. */
export function readVerifyUri(text: string): VerifyUri {
  const trimmed = text.trim();
  if (trimmed.length > maxUriLength) throw unreadable('it is too long');
  const match = /^simpp-verify:([^?#\s]+)\?fp=([0-9a-f]{64})$/i.exec(trimmed);
  if (match === null) throw unreadable('it has to be simpp-verify:JID?fp= and 64 hexadecimal digits');
  let jid: string;
  try {
    jid = decodeURIComponent(match[1]!);
  } catch (cause) {
    throw unreadable('its address is not written correctly', cause);
  }
  if (jid.includes('/')) throw unreadable('its address has a resource');
  return { jid: bareJid(jid), fingerprint: fromHex(match[2]!) };
}

function unreadable(why: string, cause?: unknown): SimppError {
  return new SimppError('usage', `This code cannot be read: ${why}.`, cause === undefined ? undefined : { cause });
}
