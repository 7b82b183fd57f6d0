import assert from 'node:assert/strict';
import { fromUtf8 } from '../../../shared/bytes.ts';
import { locationStage } from '../../../proxy/stages/location.ts';
import { resumableStage } from '../../../proxy/stages/resumable.ts';
import { registeringStage } from '../../../proxy/stages/registering.ts';
import { element, lastEffects } from './arrive.ts';

const forward = { kind: 'forward' };
const resumable = { kind: 'note', note: { kind: 'resumable' } };

describe('the resumable stage', () => {
  it('notices a session that the server keeps for its client', () => {
    for (const xml of [
      `<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>`,
      `<enabled xmlns='urn:xmpp:sm:2' id='x' resume='1'/>`,
      `<resumed xmlns='urn:xmpp:sm:3' previd='x' h='0'/>`,
    ]) {
      assert.deepEqual(lastEffects(resumableStage, [element('server', xml)]), [resumable, forward]);
    }
  });

  it('is not misled by counting without resumption, or by the client', () => {
    for (const arrival of [
      element('server', `<enabled xmlns='urn:xmpp:sm:3'/>`),
      element('client', `<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>`),
    ]) {
      assert.deepEqual(lastEffects(resumableStage, [arrival]), [forward]);
    }
  });
});

describe('the location stage', () => {
  it('takes out where the server would rather be reconnected to, and nothing else', () => {
    for (const xmlns of ['urn:xmpp:sm:2', 'urn:xmpp:sm:3']) {
      const enabled = (location: string): string => `<enabled id="x"${location}  xmlns='${xmlns}' resume='1' />`;
      const [effect] = lastEffects(locationStage, [element('server', enabled(` location = "[2001:db8::1]:5222"`))]);
      assert(effect?.kind === 'forward' && effect.bytes !== undefined);
      assert.equal(fromUtf8(effect.bytes), enabled(''));
    }
  });

  it('leaves what a client sends, and other elements', () => {
    for (const arrival of [
      element('client', `<enabled xmlns='urn:xmpp:sm:3' location='x'/>`),
      element('server', `<enabled xmlns='urn:other' location='x'/>`),
    ]) {
      assert.deepEqual(lastEffects(locationStage, [arrival]), [forward]);
    }
  });
});

describe('the registering stage', () => {
  const form = element('client', `<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>`);
  const auth = element('client', `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>`);

  it('gives time to a person who fills in a form, once', () => {
    const note = { kind: 'note', note: { kind: 'registering' } };
    assert.deepEqual(lastEffects(registeringStage, [form]), [note, forward]);
    assert.deepEqual(lastEffects(registeringStage, [form, form]), [forward]);
  });

  it('gives none once the client logs in', () => {
    assert.deepEqual(lastEffects(registeringStage, [auth, form]), [forward]);
  });
});
