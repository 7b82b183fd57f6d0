import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import {
  handledField,
  handledSince,
  readAcknowledged,
  readSm,
  writeAnswer,
  writeEnabled,
  writeFailed,
  writeResume,
} from '../../../shared/xmpp/stream-management.ts';
import { noBindings } from '../../../shared/xml/tag.ts';

const read = (xml: string): ReturnType<typeof readSm> => readSm(utf8(xml), noBindings);
const sm = 'urn:xmpp:sm:3';

describe('elements of stream management', () => {
  it('are read in both namespaces, and in no other', () => {
    assert.deepEqual(read(`<r xmlns='urn:xmpp:sm:2'/>`), { kind: 'r', namespace: 'urn:xmpp:sm:2' });
    assert.deepEqual(read(`<x:r xmlns:x='${sm}'/>`), { kind: 'r', namespace: sm });
    assert.equal(read(`<r xmlns='urn:xmpp:sm:4'/>`), undefined);
    assert.equal(read(`<other xmlns='${sm}'/>`), undefined);
  });

  it('know both ways to write true', () => {
    for (const [value, resume] of [
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
      ['yes', false],
    ] as const) {
      assert.deepEqual(read(`<enable xmlns='${sm}' resume='${value}'/>`), { kind: 'enable', namespace: sm, resume });
    }
  });

  it('have counts of 32 bits, or none', () => {
    for (const [h, count] of [
      ['0', 0],
      ['4294967295', 4294967295],
      ['4294967296', undefined],
      ['-1', undefined],
    ] as const) {
      assert.deepEqual(read(`<a xmlns='${sm}' h='${h}'/>`), { kind: 'a', namespace: sm, h: count });
    }
    for (const h of ['', '1.5', ' 1', '1e3', '0x1', '99999999999'])
      assert.deepEqual(read(`<a xmlns='${sm}' h='${h}'/>`), { kind: 'a', namespace: sm, h: undefined });
  });

  it('are written as they are read', () => {
    assert.deepEqual(readSm(writeResume(sm, '<&>', 2 ** 32 + 5), noBindings), {
      kind: 'resume',
      namespace: sm,
      previd: '<&>',
      h: 5,
    });
    assert.deepEqual(readSm(writeEnabled(sm, { id: 'x', max: 9 }), noBindings), {
      kind: 'enabled',
      namespace: sm,
      resume: true,
      id: 'x',
      max: 9,
    });
    assert.equal(fromUtf8(writeAnswer(sm, 2 ** 32)), `<a xmlns='${sm}' h='0'/>`);
    assert.deepEqual(readSm(writeFailed(sm, 'item-not-found'), noBindings), {
      kind: 'failed',
      namespace: sm,
      h: undefined,
    });
  });
});

describe('counts of stanzas', () => {
  it('wrap at 2^32, and say how many came since, from wherever they began', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 33), max: 2 ** 40 }), fc.nat({ max: 100_000 }), (count, further) => {
        assert.equal(handledSince(count, handledField(count + further)), further);
      }),
    );
  });

  it('acknowledge what was sent and not yet acknowledged, and nothing else', () => {
    assert.equal(readAcknowledged(3, 3, 5), 0);
    assert.equal(readAcknowledged(1, 2 ** 32 - 1, 2 ** 32 + 1), 2);
    for (const h of [2, 6, 2 ** 31]) {
      assert.throws(
        () => readAcknowledged(h, 3, 5),
        (error) => error instanceof SimppError && error.streamCondition === 'undefined-condition',
      );
    }
    assert.throws(() => readAcknowledged(undefined, 0, 0), SimppError);
  });
});
