import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { readSasl } from '../../../shared/xmpp/sasl.ts';

const scope = new Map([['', 'jabber:client']]);
const ns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const read = (element: string): unknown => readSasl(utf8(element), scope);

describe('SASL elements (RFC 6120 §6.4)', () => {
  it('are read with mechanism and decoded payload', () => {
    assert.deepEqual(read(`<auth ${ns} mechanism='PLAIN' xmlns:g='u' g:x='1'>AGEAYg==\n</auth>`), {
      kind: 'auth',
      mechanism: 'PLAIN',
      payload: utf8('\0a\0b'),
    });
    assert.deepEqual(read(`<challenge ${ns}>YQ==</challenge>`), { kind: 'challenge', payload: utf8('a') });
    assert.deepEqual(read(`<response ${ns}/>`), { kind: 'response', payload: undefined });
    assert.deepEqual(read(`<success ${ns}>dj0=</success>`), { kind: 'success', payload: utf8('v=') });
    assert.deepEqual(read(`<abort ${ns}/>`), { kind: 'abort' });
  });

  it('tell an absent payload from an empty one, which is written = (§6.4.2)', () => {
    assert.deepEqual(read(`<auth ${ns} mechanism='X'/>`), { kind: 'auth', mechanism: 'X', payload: undefined });
    assert.deepEqual(read(`<auth ${ns} mechanism='X'>=</auth>`), {
      kind: 'auth',
      mechanism: 'X',
      payload: new Uint8Array(0),
    });
  });

  it('give condition and text of a failure', () => {
    assert.deepEqual(read(`<failure ${ns}><account-disabled/><text xml:lang='en'>Call &lt;us&gt;</text></failure>`), {
      kind: 'failure',
      condition: 'account-disabled',
      text: 'Call <us>',
    });
    assert.deepEqual(read(`<failure ${ns}/>`), { kind: 'failure', condition: 'not-authorized', text: undefined });
  });

  it('are told from elements of other namespaces and names', () => {
    assert.equal(read(`<success xmlns='urn:xmpp:sasl:2'/>`), undefined);
    assert.equal(read('<success/>'), undefined);
    assert.equal(read(`<mechanisms ${ns}/>`), undefined);
  });

  it('are refused with payloads that are not base64', () => {
    for (const payload of ['a', 'YQ', 'YR==', '====', 'Y Q==']) {
      assert.throws(
        () => read(`<response ${ns}>${payload}</response>`),
        (error) => error instanceof SimppError && error.code === 'malformed-message',
        payload,
      );
    }
  });
});
