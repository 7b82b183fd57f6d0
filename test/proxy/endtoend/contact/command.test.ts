import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressOf, commandNames, readCommand } from '../../../../proxy/endtoend/contact/command.ts';
import { SimppError } from '../../../../shared/errors.ts';

const bob = 'bob@example.test';
const read = (text: string): unknown => {
  const reading = readCommand(text, [bob, 'carol@example.test', 'carol@example.org']);
  return reading.kind === 'command'
    ? reading.command
    : `${reading.kind} ${reading.kind === 'unknown' ? `${reading.nearest}` : reading.name}`;
};
const sixty = '0123456789'.repeat(6);

describe('commands of the virtual contact', () => {
  it('are read in any case, with spaces, a slash or a full stop', () => {
    for (const text of ['status', ' Status ', '/status', '! STATUS', 'status.', 'ＳＴＡＴＵＳ']) {
      assert.deepEqual(read(text), { name: 'status' }, text);
    }
    assert.deepEqual(read('?'), { name: 'help', about: undefined });
    assert.deepEqual(read('Hilfe policy'), { name: 'help', about: 'policy' });
  });

  it('take an address as clients paste it, or the name of the only contact that has it', () => {
    for (const who of [
      bob,
      'BOB@Example.Test',
      'xmpp:bob@example.test',
      '<bob@example.test>',
      '"bob@example.test",',
      'bob',
      'Bob',
    ]) {
      assert.deepEqual(read(`fingerprint ${who}`), { name: 'fingerprint', who: bob }, who);
    }
    assert.deepEqual(read(`fingerprint ${bob}/phone`), { name: 'fingerprint', who: bob });
    assert.equal(addressOf('carol', ['carol@example.test', 'carol@example.org']), 'carol');
    assert.throws(() => read('fingerprint @'), { code: 'jid-invalid' });
  });

  it('take 60 digits in any groups, six digits, or the text of a QR code', () => {
    const verify = (step: object): object => ({ name: 'verify', who: bob, step });
    assert.deepEqual(read(`verify ${bob}`), verify({ kind: 'show' }));
    assert.deepEqual(read(`verify ${bob} ok`), verify({ kind: 'same' }));
    assert.deepEqual(read(`verify ${bob} start`), verify({ kind: 'start' }));
    for (const typed of ['123456', '123 456', '12-34-56', '１２３４５６']) {
      assert.deepEqual(read(`verify ${bob} ${typed}`), verify({ kind: 'digits', digits: '123456' }), typed);
    }
    for (const typed of [sixty, sixty.replace(/(.{5})/g, '$1 '), sixty.replace(/(.{20})/g, '$1\n')]) {
      assert.deepEqual(read(`verify ${bob} ${typed}`), verify({ kind: 'fingerprint', fingerprint: sixty }), typed);
    }
    const uri = `simpp-verify:${bob}?fp=${'ab'.repeat(32)}`;
    assert.deepEqual(read(uri), verify({ kind: 'fingerprint', fingerprint: uri }));
    assert.deepEqual(read(`verify ${uri}`), verify({ kind: 'fingerprint', fingerprint: uri }));
    for (const typed of ['12345', sixty.slice(1), 'yes it is'])
      assert.equal(read(`verify ${bob} ${typed}`), 'incomplete verify');
  });

  it('take their words in either order', () => {
    assert.deepEqual(read(`policy ${bob} OFF`), read(`policy off ${bob}`));
    assert.deepEqual(read(`policy off ${bob}`), { name: 'policy', who: bob, policy: 'off' });
    assert.deepEqual(read('policy require'), { name: 'policy', policy: 'require' });
    assert.deepEqual(read('policy'), { name: 'policy', policy: undefined });
    assert.deepEqual(read(`trust accept ${bob}`), read(`trust ${bob} accept`));
    assert.deepEqual(read('trust manual'), { name: 'trust-policy', policy: 'manual' });
  });

  it('never take something for more than it says', () => {
    const incomplete = [
      'policy default',
      `policy ${bob} ${bob}`,
      `trust ${bob}`,
      'trust accept',
      'discard',
      'discard 0',
      'resend x',
      'annotate',
      'retention',
      'retention -1',
      'history',
      'history search',
      'approve',
      'verify',
    ];
    for (const text of incomplete) assert.match(String(read(text)), /^incomplete /, text);
  });

  it('take numbers with or without a sign, days, and a text to find', () => {
    assert.deepEqual(read('resend'), { name: 'resend', number: undefined });
    assert.deepEqual(read('resend #3'), { name: 'resend', number: 3 });
    assert.deepEqual(read('discard all'), { name: 'discard', number: undefined });
    assert.deepEqual(read('retention 30'), { name: 'retention', retention: 30 });
    assert.deepEqual(read('history search see you'), { name: 'history', text: 'see you' });
    assert.deepEqual(read(`history ${bob} noon`), { name: 'history', text: 'noon', who: bob });
  });

  it('are named by the nearest one when misspelt', () => {
    assert.equal(read('stauts'), 'unknown status');
    assert.equal(read('verfy bob'), 'unknown verify');
    assert.equal(read('good morning'), 'unknown undefined');
    assert.equal(read(''), 'unknown undefined');
  });

  it('whatever is typed, are read or refused with a text', () => {
    const word = fc.oneof(
      fc.constantFrom<string>(...commandNames, 'simpp-verify:', bob),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          readCommand(words.join(' '), [bob]);
        } catch (error) {
          assert.ok(error instanceof SimppError);
        }
      }),
    );
  });
});
