import assert from 'node:assert/strict';
import { concat } from '../../../shared/bytes.ts';
import { childElements } from '../../../shared/xml/children.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { bindingsOf, namespaceOf, readStartTag } from '../../../shared/xml/tag.ts';
import type { StreamCase } from './cases.ts';
import { streamCases } from './cases.ts';
import type { Outcome } from './stream.ts';
import { piecesAt, piecesOf, scanPieces } from './stream.ts';

function run({ bytes, parts }: StreamCase, pieces: Iterable<Uint8Array> = [bytes]): Outcome {
  return scanPieces(pieces, { restartAfter: (index) => parts[index]?.restart === true });
}

function check(expected: StreamCase, outcome: Outcome): void {
  assert.equal(outcome.error, expected.error);
  assert.deepEqual(
    outcome.parts.map((part) => [part.kind, part.bytes.length]),
    expected.parts.map((part) => [part.kind, part.length]),
  );
  const all = concat(...outcome.parts.map((part) => part.bytes));
  assert.ok(Buffer.from(all).equals(expected.bytes.subarray(0, all.length)), 'the parts are the input, byte for byte');
}

describe('stream scanner on recorded streams', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  for (const each of streamCases()) {
    describe(`${each.file}: ${each.title}`, () => {
      it('in one piece', () => check(each, run(each)));

      it('byte by byte', () => check(each, run(each, piecesOf(each.bytes, 1))));

      it('cut in two at every place', () => {
        // Cuts in the long tail of a refused case change nothing.
        const places = Math.min(each.bytes.length, 3000);
        for (let at = 1; at < places; at++) check(each, run(each, piecesAt(each.bytes, [at])));
      });

      it('gives readers of raw bytes and of trees the same names and children', () => {
        let scope: Bindings | undefined;
        run(each).parts.forEach((part, index) => {
          if (part.kind !== 'header' && part.kind !== 'element') return;
          const tag = readStartTag(part.bytes);
          if (part.kind === 'header') scope = bindingsOf(tag);
          const namespace = namespaceOf(tag, scope);
          assert.equal(`{${namespace ?? ''}}${tag.local}`, each.parts[index]?.name);
          if (part.kind === 'header') return;
          const tree = parseElement(part.bytes, scope);
          assert.equal(`{${tree.getNS() ?? ''}}${tree.getName()}`, each.parts[index]?.name);
          assert.deepEqual(
            childElements(part.bytes).map(({ start, end }) => readStartTag(part.bytes.subarray(start, end)).name),
            tree.getChildElements().map((child) => child.name),
          );
        });
      });
    });
  }
});
