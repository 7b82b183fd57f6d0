// Trust decisions shared between one's own devices: XEP-0450 (Automatic Trust
// Management, 0.4) over XEP-0434 (Trust Messages, 0.6). A person has one key,
// so a decision is about one fingerprint, and only "verified" and "refused"
// travel: what was trusted blindly is each device's own matter.
import { equalBytes, fromBase64, toBase64 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { personFingerprint } from '../../shared/simpp/fingerprint.ts';
import { textOf } from '../../shared/xml/children.ts';
import { isElement, readStartTag, type Bindings } from '../../shared/xml/tag.ts';
import { element, escapeText, type Xml } from '../../shared/xml/write.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { childrenOf, type Child } from '../../shared/xmpp/stanza.ts';
import type { DeviceRecord } from './records.ts';
import type { Known } from './trust.ts';
import { refuse, verifyKey } from './trust-decision.ts';

const trustMessages = 'urn:xmpp:tm:1';
const automaticTrust = 'urn:xmpp:atm:1';
const endToEnd = 'urn:simpp:e2e:2';
/** Most statements that are read from one message. */
const maxStatements = 256;

/** Of one person: that the key with this fingerprint (32 bytes) is theirs, or is not to be used. */
export interface TrustStatement {
  readonly jid: string;
  readonly fingerprint: Uint8Array;
  readonly isTrusted: boolean;
}

/** What our other devices are told of a decision that was just made; undefined where they are told nothing. */
export function statementOf(crypto: Crypto, { contact }: Known): TrustStatement | undefined {
  const { jid, kuA, trust } = contact;
  if (kuA === undefined || (trust !== 'verified' && trust !== 'refused')) return undefined;
  return { jid, fingerprint: personFingerprint(crypto, jid, kuA), isTrusted: trust === 'verified' };
}

/** The element that carries statements inside an envelope. */
export function writeTrustMessage(statements: readonly TrustStatement[]): Xml {
  return element(
    'trust-message',
    { xmlns: trustMessages, usage: automaticTrust, encryption: endToEnd },
    ...statements.map(({ jid, fingerprint, isTrusted }) =>
      element('key-owner', { jid }, element(isTrusted ? 'trust' : 'distrust', {}, escapeText(toBase64(fingerprint)))),
    ),
  );
}

/** Reads a `<trust-message/>`; undefined for anything else, and for one of another usage or encryption. */
export function readTrustMessage(bytes: Uint8Array, scope: Bindings): readonly TrustStatement[] | undefined {
  const tag = readStartTag(bytes);
  if (!isElement(tag, scope, trustMessages, 'trust-message')) return undefined;
  if (tag.attributes.get('usage') !== automaticTrust || tag.attributes.get('encryption') !== endToEnd) return undefined;
  const statements: TrustStatement[] = [];
  for (const owner of childrenOf(bytes, scope)) {
    const jid = owner.tag.attributes.get('jid');
    if (jid === undefined || !isElement(owner.tag, owner.scope, trustMessages, 'key-owner')) continue;
    for (const child of childrenOf(owner.bytes, owner.scope)) {
      const statement = readStatement(jid, child);
      if (statement !== undefined) statements.push(statement);
      if (statements.length >= maxStatements) return statements;
    }
  }
  return statements;
}

function readStatement(jid: string, child: Child): TrustStatement | undefined {
  const isTrusted = isElement(child.tag, child.scope, trustMessages, 'trust');
  if (!isTrusted && !isElement(child.tag, child.scope, trustMessages, 'distrust')) return undefined;
  try {
    const fingerprint = fromBase64(textOf(child.bytes).trim());
    return fingerprint.length === 32 ? { jid: bareJid(jid), fingerprint, isTrusted } : undefined;
  } catch (error) {
    // A key or an address that cannot be read is about nobody.
    if (error instanceof SimppError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What a statement does. `kept`: of a key that is not known yet, and worth keeping until it is. */
export type TrustEffect =
  { readonly kind: 'changed'; readonly known: Known } | { readonly kind: 'kept' } | { readonly kind: 'ignored' };

/**
 * What a statement from a device does to what is known of its person. Only our own devices are heard, while they are
 * listed; `ownJid` is ours, `from` the record of the device whose session opened the message.
 */
export function applyStatement(
  crypto: Crypto,
  ownJid: string,
  from: DeviceRecord,
  statement: TrustStatement,
  known: Known,
): TrustEffect {
  if (from.jid !== ownJid || from.state !== 'listed') return { kind: 'ignored' };
  // Our own devices are in our own list, which KR_A signs; no message adds to it.
  if (statement.jid === ownJid || statement.jid !== known.contact.jid) return { kind: 'ignored' };
  const { kuA, nextKuA, trust } = known.contact;
  const isOf = (key: Uint8Array | undefined): boolean =>
    key !== undefined && equalBytes(personFingerprint(crypto, statement.jid, key), statement.fingerprint);
  if (!isOf(kuA) && !isOf(nextKuA)) return { kind: 'kept' };
  if (statement.isTrusted) {
    if (isOf(kuA) && trust === 'verified') return { kind: 'ignored' };
    return { kind: 'changed', known: verifyKey(known, isOf(kuA) ? kuA! : nextKuA!) };
  }
  // Distrust of a key that only waits leaves the pinned one as it is: it never was used.
  if (!isOf(kuA) || trust === 'refused') return { kind: 'ignored' };
  return { kind: 'changed', known: refuse(known) };
}
