// One message on its whole way: sealed at one end, with whatever a server does
// to it, and restored at the other. Encryption itself is left out: the C6 is
// the envelope.
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { noBindings } from '../../../shared/xml/tag.ts';
import { encryptedChild, writeEncrypted } from '../../../shared/xmpp/encrypted-message.ts';
import { readEnvelope, writeEnvelope } from '../../../shared/xmpp/envelope.ts';
import { restored } from '../../../shared/xmpp/restored.ts';
import { type SealableMessage, sealable } from '../../../shared/xmpp/sealable.ts';

/** What a usual header binds. */
export const scope: Bindings = new Map([
  ...noBindings,
  ['', 'jabber:client'],
  ['stream', 'http://etherx.jabber.org/streams'],
]);

export const from = 'juliet@example.test';
export const to = 'romeo@example.test';
export const time = Date.UTC(2026, 10, 24, 12);

/** Padding of zeros. */
export const entropy = { bytes: (length: number): Uint8Array => new Uint8Array(length) };

/** A message taken apart; throws for one that is not to be sealed. */
export function sealableOf(stanza: string, bindings: Bindings = scope): SealableMessage {
  const message = sealable(utf8(stanza), bindings);
  if (message.kind === 'nothing' || message.kind === 'not-encryptable') throw new Error(message.kind);
  return message;
}

/** The message on the wire. */
export function sent(stanza: string, bindings: Bindings = scope): string {
  const message = sealableOf(stanza, bindings);
  const { content, lang, innerType } = message;
  return fromUtf8(writeEncrypted(message, writeEnvelope({ content, from, to, time, lang, innerType }, entropy)));
}

/** What the other client sees of it. */
export function received(
  wire: string,
  bindings: Bindings = scope,
): { readonly stanza: string; readonly dropped: readonly string[] } {
  const bytes = utf8(wire);
  const c6 = encryptedChild(bytes, bindings);
  if (c6 === undefined) throw new Error('not encrypted');
  const { stanza, dropped } = restored(bytes, bindings, readEnvelope(c6));
  return { stanza: fromUtf8(stanza), dropped };
}
