// Mutated envelopes and stanzas against all that takes messages apart and puts
// them together, time-boxed. Allowed to be thrown: SimppError, nothing else.
// What comes out is judged by a reader that shares no code with it.

import assert from 'node:assert/strict';
import { concat, fromUtf8, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { checkElement } from '../../shared/xml/whole.ts';
import { copyIn, withInner } from '../../shared/xmpp/copies.ts';
import { encryptedChild, writeEncrypted } from '../../shared/xmpp/encrypted-message.ts';
import { readEnvelope } from '../../shared/xmpp/envelope.ts';
import { marked } from '../../shared/xmpp/marked.ts';
import { restored, withText } from '../../shared/xmpp/restored.ts';
import { sealable } from '../../shared/xmpp/sealable.ts';
import { readXml } from '../e2e/diff/xml-stream.ts';
import { scope, sent } from '../shared/xmpp/sealed.ts';
import { budgetMs, type Random, randomFrom, seed } from './random.ts';

const bound = Object.fromEntries(scope);
const plain = [
  `<message type='chat' to='a'><body>x</body><store xmlns='urn:xmpp:hints'/><p:q xmlns:p='urn:p' p:r='1'>y</p:q></message>`,
  `<message xml:lang='de'><origin-id xmlns='urn:xmpp:sid:0' id='1'/><subject>s</subject>text<body><![CDATA[<]]></body></message>`,
  `<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
];
const wires = plain.map((stanza) => sent(stanza));
const copies = wires.map(
  (wire) =>
    `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
    `${wire.replace('<message', `<message xmlns='jabber:client'`)}</forwarded></sent></message>`,
);
const stanzas = [...plain, ...wires, ...copies].map(utf8);
const envelopes = wires.map((wire) => encryptedChild(utf8(wire), scope) ?? new Uint8Array(0));

// prettier-ignore
const tokens = [
  '<', '>', '/>', '</', '</content>', '<content>', '<body>', '</body>', '<p:a/>', '<a xmlns=\'\'/>', ' xmlns:p=\'urn:o\'',
  ' xmlns=\'urn:simpp:e2e:2\'', '<encrypted xmlns=\'urn:simpp:e2e:2\'>AQID</encrypted>', '<![CDATA[', ']]>', '&lt;', '\'', '"',
  '<type xmlns=\'urn:simpp:e2e:2\'/>', '<outside xmlns=\'urn:simpp:e2e:2\' name=\'store\' ns=\'urn:xmpp:hints\'/>', 'message',
  '<error xmlns=\'jabber:client\'/>', '<broken xmlns=\'urn:simpp:e2e:2\'/>', ' xml:lang=\'\'', ' type=\'normal\'', '\u00e9', '\0',
].map(utf8);

/** Whole tokens are put in, cut out or taken from elsewhere: most results are still well-formed enough to be read. */
function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const markups = Array.from(bytes.keys()).filter((at) => bytes[at] === 0x3c || bytes[at] === 0x3e);
  const at = random(3) === 0 ? random(bytes.length) : markups[random(markups.length)]! + random(2);
  const until = Math.min(bytes.length, at + random(30));
  switch (random(4)) {
    case 0:
      return concat(bytes.subarray(0, at), bytes.subarray(until));
    case 1: {
      const from = random(other.length);
      return concat(bytes.subarray(0, at), other.subarray(from, from + random(80)), bytes.subarray(at));
    }
    default:
      return concat(bytes.subarray(0, at), tokens[random(tokens.length)]!, bytes.subarray(at));
  }
}

/** Whether it ran; what a peer or a server sends may be refused, and nothing worse. */
function passes(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (thrown) {
    if (!(thrown instanceof SimppError)) throw thrown;
    return false;
  }
}

function fuzz(corpus: readonly Uint8Array[], step: (bytes: Uint8Array) => boolean): void {
  const random = randomFrom(seed);
  const end = performance.now() + budgetMs / 2;
  let rounds = 0;
  let passed = 0;
  while (performance.now() < end || rounds < 20) {
    rounds++;
    let bytes = corpus[random(corpus.length)]!;
    for (let count = 1 + random(3); count > 0 && bytes.length > 0 && bytes.includes(0x3c); count--) {
      bytes = mutate(bytes, corpus[random(corpus.length)]!, random);
    }
    try {
      if (step(bytes)) passed++;
    } catch (cause) {
      throw new Error(`round ${rounds}: ${JSON.stringify(new TextDecoder().decode(bytes))}`, { cause });
    }
  }
  // A fuzzer whose inputs all fail at once, or all pass, tests nothing.
  if (rounds > 500) assert.ok(passed > 20 && passed < rounds, `${passed} of ${rounds} passed`);
}

describe(`fuzzing messages that are sealed (${budgetMs} ms, seed ${seed})`, function () {
  this.timeout(budgetMs * 2 + 10_000);

  it('an envelope that passes gives a message that is well-formed among the bindings of the stream', () => {
    const wire = utf8(wires[0]!);
    fuzz(envelopes, (bytes) =>
      passes(() => {
        const envelope = readEnvelope(bytes);
        readXml(fromUtf8(restored(wire, scope, envelope).stanza), bound);
      }),
    );
  });

  it('a stanza is taken apart and put together without surprise', () => {
    fuzz(stanzas, (bytes) => {
      if (!passes(() => checkElement(bytes, { maxBytes: 100_000, maxDepth: 64 }))) return false;
      // What a server sends with unbound prefixes is no better afterwards, and no worse.
      const isBound = isReadable(bytes);
      const check = (made: Uint8Array): void => void (isBound && readXml(fromUtf8(made), bound));
      passes(() => void encryptedChild(bytes, scope));
      passes(() => check(marked(bytes, scope, '[mark] ')));
      passes(() => check(withText(bytes, scope, 'text').stanza));
      passes(() => {
        const copy = copyIn(bytes, scope);
        if (copy !== undefined) assert.deepEqual(withInner(bytes, copy, copy.inner), bytes);
      });
      passes(() => {
        const message = sealable(bytes, scope);
        if (message.kind === 'content' || message.kind === 'chat-state')
          check(writeEncrypted(message, Uint8Array.of(1)));
      });
      return true;
    });
  });
});

function isReadable(bytes: Uint8Array): boolean {
  try {
    readXml(fromUtf8(bytes), bound);
    return true;
  } catch {
    return false;
  }
}
