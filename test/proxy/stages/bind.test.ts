import assert from 'node:assert/strict';
import { fromUtf8 } from '../../../shared/bytes.ts';
import { bindStage } from '../../../proxy/stages/bind.ts';
import { element, lastEffects } from './arrive.ts';

const bound = element(
  'server',
  `<iq id='b1' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@example.test/r</jid></bind></iq>`,
);
const sasl = (mechanism: string): ReturnType<typeof element> =>
  element('client', `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'/>`);
const guest = bindStage({ domain: 'example.test', relaysLogin: true, canEnrol: true });
const known = bindStage({ domain: 'example.test', relaysLogin: false, canEnrol: false });
/** A XEP-0078 login; the fields of a whole one unless told otherwise. */
const legacyLogin = (
  fields = '<username>alice</username><password>pw</password><resource>r</resource>',
): ReturnType<typeof element> =>
  element('client', `<iq id='l1' type='set'><query xmlns='jabber:iq:auth'>${fields}</query></iq>`);
const accepted = element('server', `<iq id='l1' type='result'/>`);
const established = { kind: 'note', note: { kind: 'established', jid: 'alice@example.test/r' } };
const enrol = { kind: 'job', job: { kind: 'enrol', jid: 'alice@example.test/r' } };
const saysBound = (isAnonymous: boolean) => ({
  kind: 'signal',
  to: 'client',
  signal: { kind: 'bound', jid: 'alice@example.test/r', isAnonymous },
});
const [told, toldOfNobody] = [saysBound(false), saysBound(true)];
const forward = { kind: 'forward' };

describe('the bind stage', () => {
  it('holds a guest’s bind result until the enrolment is over', () => {
    assert.deepEqual(lastEffects(guest, [bound]), [established, enrol, told, forward]);
  });

  it('passes the bind result of a channel that was opened with a name', () => {
    assert.deepEqual(lastEffects(known, [bound]), [established, told, forward]);
  });

  it('enrols once', () => {
    assert.deepEqual(lastEffects(guest, [bound, bound]), [forward]);
  });

  it('never enrols ANONYMOUS, but a client that then logs in by name', () => {
    assert.deepEqual(lastEffects(guest, [sasl('ANONYMOUS'), bound]), [established, toldOfNobody, forward]);
    assert.deepEqual(lastEffects(guest, [sasl('ANONYMOUS'), sasl('PLAIN'), bound]), [
      established,
      enrol,
      told,
      forward,
    ]);
  });

  it('knows the name of a XEP-0078 login by its request, once it has succeeded', () => {
    const login = legacyLogin();
    const other = element('server', `<iq id='l0' type='result'/>`);
    const refused = element('server', `<iq id='l1' type='error'/>`);
    assert.deepEqual(lastEffects(guest, [login]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, other]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, refused]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, accepted]), [established, enrol, told, forward]);
  });

  it('takes no form for the success of a XEP-0078 login', () => {
    const form = element(
      'server',
      `<iq id='l1' type='result'><query xmlns='jabber:iq:auth'><username/><password/><resource/></query></iq>`,
    );
    assert.deepEqual(lastEffects(guest, [legacyLogin(), form]), [forward]);
    // And what it was the answer to is answered with it.
    assert.deepEqual(lastEffects(guest, [legacyLogin(), form, accepted]), [forward]);
  });

  it('believes no XEP-0078 login that lacks something, or says something twice', () => {
    const [name, password, resource] = [
      '<username>alice</username>',
      '<password>pw</password>',
      '<resource>r</resource>',
    ];
    for (const fields of [name, name + resource, name + password, `${name}${name}${password}${resource}`]) {
      assert.deepEqual(lastEffects(guest, [legacyLogin(fields), accepted]), [forward], fields);
    }
  });

  it('believes a XEP-0078 login only to this domain', () => {
    const to = (address: string): ReturnType<typeof element> =>
      element('client', fromUtf8(legacyLogin().part.bytes).replace('<iq ', `<iq to='${address}' `));
    assert.deepEqual(lastEffects(guest, [to('Example.test'), accepted]), [established, enrol, told, forward]);
    for (const other of ['elsewhere.test', 'alice@example.test', 'example.test/x']) {
      assert.deepEqual(lastEffects(guest, [to(other), accepted]), [forward], other);
    }
  });

  it('believes no XEP-0078 login after one by SASL', () => {
    const success = element('server', `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`);
    assert.deepEqual(lastEffects(guest, [sasl('PLAIN'), success, legacyLogin(), accepted]), [forward]);
    assert.deepEqual(lastEffects(guest, [legacyLogin(), sasl('PLAIN'), success, accepted]), [forward]);
    assert.deepEqual(lastEffects(known, [legacyLogin(), accepted]), [forward]);
  });

  it('refuses a request with more than one child, or none, until the session stands (RFC 6120 §8.2.3)', () => {
    const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>`;
    const login = `<query xmlns='jabber:iq:auth'><username>alice</username></query>`;
    for (const children of ['', bind + login, login + bind]) {
      const request = element('client', `<iq id='b1' type='set'>${children}</iq>`);
      const [effect, ...others] = lastEffects(guest, [request]);
      assert(effect?.kind === 'reply' && others.length === 0);
      assert.match(fromUtf8(effect.bytes), /^<iq id=.b1. type=.error.*<bad-request /);
      assert.deepEqual(lastEffects(guest, [bound, request]), [forward]);
    }
    assert.deepEqual(lastEffects(guest, [element('client', `<iq id='b1' type='result'/>`)]), [forward]);
  });

  it('takes <resumed/> as a session, and confirms no registration by it', () => {
    const resumed = element('server', `<resumed xmlns='urn:xmpp:sm:3' previd='x' h='1'/>`);
    assert.deepEqual(lastEffects(guest, [resumed]), [{ kind: 'note', note: { kind: 'established' } }, forward]);
  });

  it('believes only the server', () => {
    const claimed = element(
      'client',
      `<iq id='b1' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>x@y/z</jid></bind></iq>`,
    );
    assert.deepEqual(lastEffects(guest, [claimed]), [forward]);
  });
});
