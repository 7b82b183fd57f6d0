import assert from 'node:assert/strict';
import { takeoverStage } from '../../../proxy/stages/takeover.ts';
import { element, lastEffects } from './arrive.ts';

const xmlns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const auth = (mechanism: string, message?: string): ReturnType<typeof element> =>
  element('client', `<auth ${xmlns} mechanism='${mechanism}'>${message === undefined ? '' : base64(message)}</auth>`);
const stage = takeoverStage((name) => name === 'alice' || name === 'alice@example.test');
const kindOf = (...arrivals: ReturnType<typeof element>[]): string | undefined => {
  const [effect] = lastEffects(stage, arrivals);
  return effect?.kind === 'end' ? effect.end.kind : effect?.kind;
};

describe('the takeover stage', () => {
  it('takes a login over whose first message names an account with a set-up of its own', () => {
    assert.equal(kindOf(auth('PLAIN', '\0alice\0pw')), 'taken-over');
    assert.equal(kindOf(auth('PLAIN', '\0alice@example.test\0pw')), 'taken-over');
    assert.equal(kindOf(auth('SCRAM-SHA-1', 'n,,n=alice,r=abcdefgh')), 'taken-over');
  });

  it('lets the logins of others pass', () => {
    assert.equal(kindOf(auth('PLAIN', '\0bob\0pw')), 'forward');
    assert.equal(kindOf(auth('SCRAM-SHA-1', 'n,,n=bob,r=abcdefgh')), 'forward');
  });

  it('lets mechanisms pass that the proxy cannot end', () => {
    assert.equal(kindOf(auth('SCRAM-SHA-1-PLUS', 'p=tls-exporter,,n=alice,r=abcdefgh')), 'forward');
    assert.equal(kindOf(auth('ANONYMOUS')), 'forward');
    assert.equal(kindOf(auth('X-NEW', '\0alice\0pw')), 'forward');
  });

  it('finds the name in the first response when <auth/> was empty', () => {
    const response = element('client', `<response ${xmlns}>${base64('\0alice\0pw')}</response>`);
    assert.equal(kindOf(auth('PLAIN')), 'forward');
    assert.equal(kindOf(auth('PLAIN'), element('server', `<challenge ${xmlns}/>`), response), 'taken-over');
  });

  it('leaves what cannot be read to the server', () => {
    assert.equal(kindOf(element('client', `<auth ${xmlns} mechanism='PLAIN'>***</auth>`)), 'forward');
    assert.equal(kindOf(auth('SCRAM-SHA-1', 'nonsense')), 'forward');
  });
});
