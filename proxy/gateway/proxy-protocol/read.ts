// Reading a PROXY protocol header of either version from the first bytes of a
// connection: pure, and the same however the bytes are cut.

import { agrees, malformedHeader, type HeaderReading } from './header.ts';
import { beginning1, readVersion1 } from './version-1.ts';
import { readVersion2, signature2 } from './version-2.ts';

/** Reads as much as there is; throws SimppError as soon as it can be no header. */
export function readProxyHeader(bytes: Uint8Array): HeaderReading {
  if (bytes.length === 0) return { kind: 'incomplete' };
  if (bytes[0] === beginning1[0]) return readVersion1(bytes);
  if (bytes[0] === signature2[0]) return readVersion2(bytes);
  throw malformedHeader('is missing');
}

/** Enough of the signature to be sure: XML may begin with line ends, but not with this. */
const telling = signature2.subarray(0, 5);

/** Whether bytes that should be a client's own are a header instead. */
export function looksLikeProxyHeader(bytes: Uint8Array): boolean {
  return bytes[0] === beginning1[0] || (bytes.length >= telling.length && agrees(bytes, telling));
}
