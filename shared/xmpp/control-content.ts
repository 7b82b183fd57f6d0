// What SIMPP says to other devices by itself, as content of an envelope of its
// own (docs/protocol.md §9.5 to §9.7). Trust messages are in a file of theirs.

import { toBase64, utf8 } from '../bytes.ts';
import { element, escapeText } from '../xml/write.ts';
import type { Verification } from './envelope-content.ts';
import { ns } from './namespaces.ts';

/** Nothing: it moves the ratchet on (§9.3). */
export const heartbeatContent: Uint8Array = new Uint8Array(0);

/** What came could not be read, and this begins a new session (§9.7). */
export const brokenContent: Uint8Array = utf8(element('broken', { xmlns: ns.simppMessages }));

/** One will write without encryption from now on (transparency.md §5.5). */
export const optOutContent: Uint8Array = utf8(element('opt-out', { xmlns: ns.simppMessages }));

/** One step of a verification by a short string (§9.6). */
export function verificationContent({ id, step, value }: Verification): Uint8Array {
  return utf8(element('verification', { xmlns: ns.simppMessages, id, step }, escapeText(toBase64(value))));
}
