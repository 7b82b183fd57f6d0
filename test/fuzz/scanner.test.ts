// Mutated streams against scanner and readers, time-boxed: 2 s in `npm test`,
// more with SIMPP_FUZZ_MS; SIMPP_FUZZ_SEED repeats a run. Allowed to be thrown:
// SimppError, nothing else.

import assert from 'node:assert/strict';
import { concat, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { childElements } from '../../shared/xml/children.ts';
import { parseElement } from '../../shared/xml/parse.ts';
import type { ScannerLimits } from '../../shared/xml/scanner.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { noBindings, readStartTag } from '../../shared/xml/tag.ts';
import { filterFeatures, isFeatures, readFeatures } from '../../shared/xmpp/features.ts';
import { readLegacyLogin, readRegistration } from '../../shared/xmpp/registration.ts';
import { readSasl } from '../../shared/xmpp/sasl.ts';
import { readBindResult, stanzaHead } from '../../shared/xmpp/stanza.ts';
import { stanzaError } from '../../shared/xmpp/stream-error.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import { streamCases } from '../shared/xml/cases.ts';
import type { Outcome } from '../shared/xml/stream.ts';
import { budgetMs, randomFrom, seed } from './random.ts';
import { piecesAt, piecesOf, scanPieces } from '../shared/xml/stream.ts';

const limits: ScannerLimits = { maxHeaderBytes: 600, maxElementBytes: 1000, maxDepth: 8 };

// Tokens in which a careless scanner loses its way.
// prettier-ignore
const tokens = [
  '<', '>', '/>', '</', '<a>', '</a>', '<a/>', '<!--', '-->', '<![CDATA[', ']]>', ']]', '<?', '?>', '<!DOCTYPE a',
  '&', ';', '&amp;', '&#0;', '&#x41;', '&#', '&nbsp;', "='", '="', '=', "'", '"', ' ', '\n', ':', 'xmlns', "xmlns:a='b'",
  "<?xml version='1.0'?>", '</stream:stream>', '<stream:stream>', 'é', '漢', '😀', '\0', '\ufffe', "a='1' a='2'",
].map(utf8);
const badBytes = [[0xff], [0xc0, 0xbc], [0xed, 0xa0, 0x80], [0xe6, 0xbc], [0xef, 0xbb, 0xbf]].map((each) =>
  Uint8Array.from(each),
);

function mutate(bytes: Uint8Array, other: Uint8Array, random: (below: number) => number): Uint8Array {
  const at = random(bytes.length + 1);
  const until = Math.min(bytes.length, at + random(40));
  const head = bytes.subarray(0, at);
  switch (random(7)) {
    case 0:
      return concat(head, bytes.subarray(until));
    case 1:
      return concat(bytes.subarray(0, until), bytes.subarray(at));
    case 2:
      return concat(head, tokens[random(tokens.length)]!, bytes.subarray(at));
    case 3:
      return concat(head, tokens[random(tokens.length)]!, bytes.subarray(until));
    case 4:
      return concat(head, badBytes[random(badBytes.length)]!, bytes.subarray(at));
    case 5: {
      const from = random(other.length + 1);
      return concat(head, other.subarray(from, from + random(200)), bytes.subarray(at));
    }
    default: {
      const flipped = bytes.slice();
      if (at < flipped.length) flipped[at] = flipped[at]! ^ (1 << random(8));
      return flipped;
    }
  }
}

function allowOnlySimppError(step: () => void): void {
  try {
    step();
  } catch (thrown) {
    if (!(thrown instanceof SimppError)) throw thrown;
  }
}

/** What passed the scanner is read without surprise, and raw readers and tree agree on it. */
function readEverything({ parts }: Outcome): void {
  let scope: Bindings = noBindings;
  for (const { kind, bytes } of parts) {
    if (kind === 'header') allowOnlySimppError(() => (scope = readHeader(bytes).bindings));
    if (kind !== 'element') continue;
    const tag = readStartTag(bytes);
    const tree = parseElement(bytes, scope);
    assert.equal(tree.name, tag.name);
    assert.deepEqual(
      childElements(bytes).map(({ start }) => readStartTag(bytes, start).name),
      tree.getChildElements().map((child) => child.name),
    );
    allowOnlySimppError(() => {
      stanzaHead(bytes, scope);
      readSasl(bytes, scope);
      readBindResult(bytes, scope);
      readLegacyLogin(bytes, scope);
      readRegistration(bytes, scope);
      if (isFeatures(bytes, scope)) {
        readFeatures(bytes, scope);
        parseElement(filterFeatures(bytes, scope), scope);
      }
      const error = stanzaError(bytes, scope, { type: 'cancel', condition: 'not-allowed' });
      if (error !== undefined) parseElement(error, scope);
    });
  }
}

describe('fuzzing the stream scanner', () => {
  it(`finds no crash, no hang, no growth and no dependence on pieces (${budgetMs} ms, seed ${seed})`, function () {
    this.timeout(budgetMs * 2 + 10_000);
    const random = randomFrom(seed);
    const corpus = streamCases().map(({ bytes }) => bytes.subarray(0, 4000));
    const refused = new Map<string, number>();
    const end = performance.now() + budgetMs;
    let rounds = 0;
    while (performance.now() < end || rounds < 20) {
      rounds++;
      let bytes = corpus[random(corpus.length)]!;
      for (let count = 1 + random(4); count > 0; count--) bytes = mutate(bytes, corpus[random(corpus.length)]!, random);
      // As deterministic as the bytes: begins anew wherever a declaration may follow.
      const restartAfter = (index: number): boolean => index === 3;
      const whole = scanPieces([bytes], { limits, restartAfter });
      const cuts = Array.from({ length: random(20) }, () => random(bytes.length + 1));
      const pieces = random(3) === 0 ? piecesOf(bytes, 1) : piecesAt(bytes, cuts);
      const cut = scanPieces(pieces, { limits, restartAfter });
      const message = `round ${rounds}: ${JSON.stringify(new TextDecoder().decode(bytes))}`;
      assert.equal(cut.error, whole.error, message);
      assert.deepEqual(cut.parts, whole.parts, message);
      if (whole.error === undefined) {
        assert.deepEqual(concat(...whole.parts.map((part) => part.bytes), whole.rest), bytes, message);
      }
      assert.ok(cut.mostBuffered < limits.maxElementBytes && whole.mostBuffered < limits.maxElementBytes, message);
      try {
        readEverything(whole);
      } catch (thrown) {
        throw new Error(message, { cause: thrown });
      }
      const result = whole.error ?? 'accepted';
      refused.set(result, (refused.get(result) ?? 0) + 1);
    }
    // A fuzzer whose streams all fail at once, or all pass, tests nothing.
    const results = ['accepted', 'not-well-formed', 'restricted-xml', 'invalid-encoding', 'too-deep'];
    if (rounds > 500)
      for (const result of results) assert.ok(refused.has(result), `${rounds} rounds, none ended in ${result}`);
  });
});
