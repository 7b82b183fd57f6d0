// Trust messages (XEP-0434, version 0.6) between one's own devices, as
// automatic trust management uses them (XEP-0450): whose keys were compared
// and whose were refused. Keys are fingerprints of persons (docs/protocol.md §3).

import { fromBase64, toBase64, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { childElements, textOf } from '../xml/children.ts';
import { isElement } from '../xml/tag.ts';
import { element, escapeText } from '../xml/write.ts';
import { bareJid } from './jid.ts';
import { ns } from './namespaces.ts';
import { type Child, childrenOf } from './stanza.ts';

/** What is decided about the keys of one JID; each key is a fingerprint of 32 bytes. */
export interface KeyDecision {
  readonly jid: string;
  readonly trust: readonly Uint8Array[];
  readonly distrust: readonly Uint8Array[];
}

/** What a device tells the others of its person. */
export type TrustMessage = readonly KeyDecision[];

/** Most JIDs in one message, and most keys for one of them. */
export const maxKeyOwners = 256;
export const maxKeysOfOwner = 16;
const fingerprintBytes = 32;

/** Content of an envelope that tells of decisions; JIDs are bare and prepared. */
export function writeTrustMessage(decisions: TrustMessage): Uint8Array {
  const owners = decisions.map(({ jid, trust, distrust }) =>
    element(
      'key-owner',
      { jid },
      ...trust.map((key) => element('trust', {}, escapeText(toBase64(key)))),
      ...distrust.map((key) => element('distrust', {}, escapeText(toBase64(key)))),
    ),
  );
  const use = { xmlns: ns.trustMessages, usage: ns.automaticTrust, encryption: ns.simppMessages };
  return utf8(element('trust-message', use, ...owners));
}

/** Reads one for SIMPP's keys; undefined for one of other encryption, which clients send each other. */
export function readTrustMessage({ bytes, tag, scope }: Child): TrustMessage | undefined {
  if (tag.attributes.get('encryption') !== ns.simppMessages) return undefined;
  if (!isElement(tag, scope, ns.trustMessages, 'trust-message')) throw malformed();
  if (tag.attributes.get('usage') !== ns.automaticTrust) throw malformed();
  const owners = childrenOf(bytes, scope);
  if (owners.length > maxKeyOwners) throw malformed();
  return owners.map(readOwner);
}

function readOwner({ bytes, tag, scope }: Child): KeyDecision {
  if (!isElement(tag, scope, ns.trustMessages, 'key-owner')) throw malformed();
  const trust: Uint8Array[] = [];
  const distrust: Uint8Array[] = [];
  const keys = childrenOf(bytes, scope);
  if (keys.length > maxKeysOfOwner) throw malformed();
  for (const key of keys) {
    if (isElement(key.tag, key.scope, ns.trustMessages, 'trust')) trust.push(readKey(key));
    else if (isElement(key.tag, key.scope, ns.trustMessages, 'distrust')) distrust.push(readKey(key));
    else throw malformed();
  }
  return { jid: readJid(tag.attributes.get('jid') ?? ''), trust, distrust };
}

function readJid(jid: string): string {
  try {
    return bareJid(jid);
  } catch (cause) {
    throw malformed(cause);
  }
}

function readKey({ bytes }: Child): Uint8Array {
  if (childElements(bytes).length > 0) throw malformed();
  let key: Uint8Array;
  try {
    key = fromBase64(textOf(bytes));
  } catch (cause) {
    throw malformed(cause);
  }
  if (key.length !== fingerprintBytes) throw malformed();
  return key;
}

function malformed(cause?: unknown): SimppError {
  return new SimppError('malformed-message', 'A trust message cannot be read.', cause === undefined ? {} : { cause });
}
