import assert from 'node:assert/strict';
import { bindStage } from '../../../proxy/stages/bind.ts';
import { element, lastEffects } from './arrive.ts';

const bound = element(
  'server',
  `<iq id='b1' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@example.test/r</jid></bind></iq>`,
);
const sasl = (mechanism: string): ReturnType<typeof element> =>
  element('client', `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'/>`);
const guest = bindStage({ domain: 'example.test', canEnrol: true });
const known = bindStage({ domain: 'example.test', canEnrol: false });
const established = { kind: 'note', note: { kind: 'established', jid: 'alice@example.test/r' } };
const enrol = { kind: 'job', job: { kind: 'enrol', jid: 'alice@example.test/r' } };
const forward = { kind: 'forward' };

describe('the bind stage', () => {
  it('holds a guest’s bind result until the enrolment is over', () => {
    assert.deepEqual(lastEffects(guest, [bound]), [established, enrol, forward]);
  });

  it('passes the bind result of a channel that was opened with a name', () => {
    assert.deepEqual(lastEffects(known, [bound]), [established, forward]);
  });

  it('enrols once', () => {
    assert.deepEqual(lastEffects(guest, [bound, bound]), [forward]);
  });

  it('never enrols ANONYMOUS, but a client that then logs in by name', () => {
    assert.deepEqual(lastEffects(guest, [sasl('ANONYMOUS'), bound]), [established, forward]);
    assert.deepEqual(lastEffects(guest, [sasl('ANONYMOUS'), sasl('PLAIN'), bound]), [established, enrol, forward]);
  });

  it('knows the name of a XEP-0078 login by its request, once it has succeeded', () => {
    const login = element(
      'client',
      `<iq id='l1' type='set'><query xmlns='jabber:iq:auth'><username>alice</username><password>pw</password>` +
        `<resource>r</resource></query></iq>`,
    );
    const other = element('server', `<iq id='l0' type='result'/>`);
    const refused = element('server', `<iq id='l1' type='error'/>`);
    const accepted = element('server', `<iq id='l1' type='result'/>`);
    assert.deepEqual(lastEffects(guest, [login]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, other]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, refused]), [forward]);
    assert.deepEqual(lastEffects(guest, [login, accepted]), [established, enrol, forward]);
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
