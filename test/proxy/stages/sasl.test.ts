import assert from 'node:assert/strict';
import { saslStage } from '../../../proxy/stages/sasl.ts';
import { element, lastEffects } from './arrive.ts';

const xmlns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const auth = element('client', `<auth ${xmlns} mechanism='PLAIN'>AGEAYg==</auth>`);
const response = element('client', `<response ${xmlns}/>`);
const challenge = element('server', `<challenge ${xmlns}/>`);
const failure = element('server', `<failure ${xmlns}><not-authorized/></failure>`);
const success = element('server', `<success ${xmlns}/>`);
const forward = { kind: 'forward' };
const hold = { kind: 'hold', side: 'client' };
const release = { kind: 'release', side: 'client' };

describe('the SASL stage', () => {
  it('reads no further from the client than its last SASL element until the server has answered', () => {
    assert.deepEqual(lastEffects(saslStage, [auth]), [forward, hold]);
    assert.deepEqual(lastEffects(saslStage, [auth, challenge]), [forward, release]);
    assert.deepEqual(lastEffects(saslStage, [auth, challenge, response]), [forward, hold]);
  });

  it('lets a failed client try again on the same stream', () => {
    assert.deepEqual(lastEffects(saslStage, [auth, failure]), [forward, release]);
    assert.deepEqual(lastEffects(saslStage, [auth, failure, auth]), [forward, hold]);
  });

  it('begins both streams anew after <success/>, before the client is read again', () => {
    assert.deepEqual(lastEffects(saslStage, [auth, success]), [forward, { kind: 'restart' }, release]);
  });

  it('restarts nothing for a <success/> that nobody asked for, or of the wrong side', () => {
    assert.deepEqual(lastEffects(saslStage, [success]), [forward]);
    assert.deepEqual(lastEffects(saslStage, [auth, element('client', `<success ${xmlns}/>`)]), [forward]);
  });

  it('claims nothing any more after the login', () => {
    assert.deepEqual(lastEffects(saslStage, [auth, success, auth]), [forward]);
  });
});
