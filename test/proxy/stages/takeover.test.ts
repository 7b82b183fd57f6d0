import assert from 'node:assert/strict';
import { fromUtf8 } from '../../../shared/bytes.ts';
import type { Effect } from '../../../proxy/stages/stage.ts';
import { takeoverStage } from '../../../proxy/stages/takeover.ts';
import { element, lastEffects } from './arrive.ts';

const xmlns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const auth = (mechanism: string, message?: string): ReturnType<typeof element> =>
  element('client', `<auth ${xmlns} mechanism='${mechanism}'>${message === undefined ? '' : base64(message)}</auth>`);
const isOurs = (name: string): boolean => name === 'alice' || name === 'alice@example.test';
const stage = takeoverStage({ hasOurs: true, isOurs });
const nobodyOurs = takeoverStage({ hasOurs: false, isOurs: () => false });
const effectsOf = (arrivals: readonly ReturnType<typeof element>[], of = stage): readonly Effect[] =>
  lastEffects(of, arrivals).filter(({ kind }) => kind !== 'note');
const kindOf = (...arrivals: ReturnType<typeof element>[]): string | undefined => {
  const [effect] = effectsOf(arrivals);
  return effect?.kind === 'end' ? effect.end.kind : effect?.kind;
};
/** The text of the only effect, a reply. */
const replyTo = (...arrivals: ReturnType<typeof element>[]): string => {
  const [effect, ...others] = effectsOf(arrivals);
  assert(effect?.kind === 'reply' && others.length === 0, effect?.kind);
  return fromUtf8(effect.bytes);
};
const legacy = (names: string): ReturnType<typeof element> =>
  element(
    'client',
    `<iq type='set' id='l1'><query xmlns='jabber:iq:auth'>${names}<password>pw</password><resource>r</resource></query></iq>`,
  );

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

  it('refuses mechanisms that do not say whose login it is, since it may be such an account’s', () => {
    const plus = auth('SCRAM-SHA-1-PLUS', 'p=tls-exporter,,n=alice,r=abcdefgh');
    for (const each of [plus, auth('X-NEW', '\0alice\0pw'), auth('DIGEST-MD5'), auth('EXTERNAL', ''), auth('')]) {
      assert.match(replyTo(each), /^<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism\/>/);
      assert.deepEqual(effectsOf([each], nobodyOurs), [{ kind: 'forward' }]);
    }
    assert.equal(kindOf(auth('DIGEST-MD5'), auth('PLAIN', '\0alice\0pw')), 'taken-over');
  });

  it('lets ANONYMOUS pass, which is nobody’s login', () => {
    assert.equal(kindOf(auth('ANONYMOUS')), 'forward');
  });

  it('refuses the XEP-0078 login of such an account', () => {
    const [alice, bob] = ['<username>alice</username>', '<username>bob</username>'];
    for (const names of [alice, alice + bob, bob + alice]) {
      assert.match(replyTo(legacy(names)), /^<iq type=.error. id=.l1.*<not-allowed /);
      assert.deepEqual(effectsOf([legacy(names)], nobodyOurs), [{ kind: 'forward' }]);
    }
    assert.equal(kindOf(legacy(bob)), 'forward');
    const form = `<iq type='get' id='l0'><query xmlns='jabber:iq:auth'>${alice}</query></iq>`;
    assert.equal(kindOf(element('client', form)), 'forward');
  });

  it('claims nothing any more after a login has succeeded', () => {
    const success = element('server', `<success ${xmlns}/>`);
    assert.equal(kindOf(auth('PLAIN', '\0bob\0pw'), success, auth('DIGEST-MD5')), 'forward');
    assert.equal(kindOf(auth('PLAIN', '\0bob\0pw'), success, legacy('<username>alice</username>')), 'forward');
  });

  it('tells whose login passes, as soon as that is said', () => {
    const named = [{ kind: 'note', note: { kind: 'login-named', name: 'bob' } }, { kind: 'forward' }];
    const response = element('client', `<response ${xmlns}>${base64('\0bob\0pw')}</response>`);
    for (const each of [stage, nobodyOurs]) {
      assert.deepEqual(lastEffects(each, [auth('PLAIN', '\0bob\0pw')]), named);
      assert.deepEqual(lastEffects(each, [auth('SCRAM-SHA-256', 'n,,n=bob,r=abcdefgh')]), named);
      assert.deepEqual(lastEffects(each, [auth('PLAIN'), response]), named);
    }
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
