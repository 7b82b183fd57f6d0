// The paper's own protocol, for reproduction: it works, it warns each time, and
// what it does not hide is shown here too.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { Profanity } from '../support/profanity.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { runSimpp } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, inviteVia, worldOfSuite } from '../support/world.ts';

const classic = ['--profile', 'classic'];
const warning = /WARNING: the profile "classic" reproduces the published paper/;

describe('03 profile classic', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob], gateway: classic, setUpFlags: classic });

  it('lets slixmpp and profanity talk both ways', async () => {
    await using first = await SlixmppClient.login(world().login(alice));
    await using second = await Profanity.login(world().login(bob));
    first.say(bob.jid, 'the heron stands in the reeds');
    await second.hear(alice.jid, 'the heron stands in the reeds');
    await second.say(alice.jid, 'и рыба знает это');
    assert.equal((await first.hear('и рыба знает это')).from, `${bob.jid}/profanity`);
  });

  it('hides words and passwords, and, as published, not who speaks', () => {
    const { speech, wire } = world();
    const words = ['heron', 'reeds', 'рыба', 'знает', 'profanity'];
    assert.deepEqual(overheard(speech.captured(), words), words);
    assert.deepEqual(overheard(wire.captured(), [...words, alice.password, bob.password]), []);
    assert.deepEqual(overheard(wire.captured(), [alice.jid, bob.jid]), [alice.jid, bob.jid]);
  });

  it('warns at every start and at every login', async () => {
    const { gateway, proxy, login } = world();
    assert.match(gateway.role.log, warning);
    assert.match(proxy.role.log, warning);
    const warnings = (): number => proxy.role.log.match(/"event":"profile classic is broken/g)?.length ?? 0;
    const before = warnings();
    assert.ok(before >= 2);
    await using again = await SlixmppClient.login(login(alice));
    assert.ok((await again.ping()) >= 0);
    assert.equal(warnings(), before + 1);
  });

  it('is never what an invite brings about by itself', async () => {
    const { proxy, invite } = world();
    const { code, stderr } = await runSimpp(proxy.home, 'setup', domain, '--invite', invite);
    assert.equal(code, 65);
    assert.match(stderr, /profile classic/);
  });

  it('is refused for whoever has a registration of simpp-2', async () => {
    const { gateway, wire } = world();
    await gateway.restartWith({ flags: ['--force'] });
    await using machine = await ProxySide.create();
    await machine.setUpAccount(carol, '--invite', inviteVia(wire, gateway));
    await machine.run();
    {
      await using client = await SlixmppClient.login(machine.login(carol));
      assert.ok((await client.ping()) >= 0);
    }

    await gateway.restartWith({ flags: ['--force', ...classic] });
    await machine.setUpAccount(carol, '--invite', inviteVia(wire, gateway), ...classic);
    await using client = SlixmppClient.connect(machine.login(carol));
    const error = await client.event('stream-error');
    assert.match(String(error['text']), /refused this device for example\.test/);
    await using stolen = await gateway.copyDirectory();
    assert.equal(await stolen.store.classicAccount(carol.jid), undefined);
  });
});
