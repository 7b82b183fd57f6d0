// The code of a device that waits for approval (docs/protocol.md §9.1): 60 bits
// of what is to be signed, for a person to compare between two screens.
import { utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto/provider.ts';
import { labelled } from './labels.ts';
import type { CertificateBody } from './messages.ts';

/** Crockford's base32: no I, L, O or U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeBits = 60n;
const codeLength = 12;

/** Twelve characters of Crockford's base32 in three groups of four, from the first 60 bits of a labelled SHA-256. */
export function approvalCode(
  crypto: Crypto,
  device: Pick<CertificateBody, 'jid' | 'deviceId' | 'kuDs' | 'kuDd'>,
): string {
  const hash = crypto.sha256(labelled('approval', utf8(device.jid), device.deviceId, device.kuDs, device.kuDd));
  const first64 = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
  let rest = first64 >> (64n - codeBits);
  let characters = '';
  for (let at = 0; at < codeLength; at++) {
    characters = alphabet[Number(rest & 31n)]! + characters;
    rest >>= 5n;
  }
  return characters.replace(/(.{4})(?=.)/g, '$1-');
}

/** A code as a person typed it, in its one form: case, spaces and hyphens do not count, O is 0, I and L are 1. */
export function normalizedApprovalCode(typed: string): string {
  const characters = typed.toUpperCase().replace(/[\s-]/gu, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return characters.replace(/(.{4})(?=.)/g, '$1-');
}
