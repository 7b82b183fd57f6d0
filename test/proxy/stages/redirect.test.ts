import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { noBindings } from '../../../shared/xml/tag.ts';
import { Arrival } from '../../../proxy/stages/arrival.ts';
import { redirectStage } from '../../../proxy/stages/redirect.ts';
import type { Side } from '../../../proxy/relay-end.ts';
import type { Effect } from '../../../proxy/stages/stage.ts';
import { element, lastEffects } from './arrive.ts';

const header = (from: Side, version = ` version='1.0'`): Arrival =>
  new Arrival(from, { kind: 'header', bytes: utf8(`<stream:stream id='1'${version}>`) }, noBindings);
const space = new Arrival('server', { kind: 'space', bytes: utf8('\n') }, noBindings);
const footer = new Arrival('server', { kind: 'footer', bytes: utf8('</stream:stream>') }, noBindings);
const features = element('server', '<stream:features/>');
const error = (child: string): Arrival =>
  element(
    'server',
    `<stream:error><${child} xmlns='urn:ietf:params:xml:ns:xmpp-streams'>b.test</${child}></stream:error>`,
  );
const moved = error('see-other-host');

const effects = (...arrivals: readonly Arrival[]): readonly Effect[] =>
  lastEffects(redirectStage({ canFollow: true }), arrivals);
const released: Effect = { kind: 'release', side: 'client' };

/** Where the relay is to begin anew. */
function sentTo(done: readonly Effect[]): string | undefined {
  const [only, ...more] = done;
  assert.equal(more.length, 0);
  return only?.kind === 'end' && only.end.kind === 'redirected' ? only.end.error.otherHost : undefined;
}

describe('the redirect stage', () => {
  it('reads a client no further than its header until the server has answered it', () => {
    assert.deepEqual(effects(header('client')), [{ kind: 'forward' }, { kind: 'hold', side: 'client' }]);
  });

  it("keeps the server's header, and shows it with what follows", () => {
    assert.deepEqual(effects(header('client'), header('server')), []);
    assert.deepEqual(effects(header('client'), header('server'), space), []);
    for (const next of [features, error('conflict'), footer]) {
      assert.deepEqual(effects(header('client'), header('server'), next), [
        { kind: 'pass', part: header('server').part },
        { kind: 'forward' },
        released,
      ]);
    }
  });

  it('ends the relay where the answer is another host, with nothing shown', () => {
    assert.equal(sentTo(effects(header('client'), header('server'), moved)), 'b.test');
  });

  it('waits for nothing on streams from before XMPP 1.0, which have no features (RFC 6120 §4.7.5)', () => {
    assert.deepEqual(effects(header('client', ''), header('server', '')), [{ kind: 'forward' }, released]);
  });

  it('shows no client a redirection, however late', () => {
    assert.equal(sentTo(effects(header('client'), header('server'), features, moved)), 'b.test');
    const notOurs = redirectStage({ canFollow: false });
    assert.equal(sentTo(lastEffects(notOurs, [header('client'), header('server'), moved])), 'b.test');
  });

  it('passes everything else at once', () => {
    const later = [header('client'), header('server'), features];
    for (const each of [element('server', '<message/>'), header('server'), space, header('client')]) {
      assert.deepEqual(effects(...later, each), [{ kind: 'forward' }]);
    }
    const notOurs = redirectStage({ canFollow: false });
    assert.deepEqual(lastEffects(notOurs, [header('client')]), [{ kind: 'forward' }]);
    assert.deepEqual(lastEffects(notOurs, [header('client'), header('server')]), [{ kind: 'forward' }]);
  });
});
