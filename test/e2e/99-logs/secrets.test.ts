// No secret in any log at any level: every role of every end-to-end test before
// this one logged at its most talkative level, and what was said and typed in
// them was kept. Run alone, this suite looks at its own conversation.
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { keepSecret, keptLogs, keptSecrets } from '../support/evidence.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, worldOfSuite } from '../support/world.ts';

const typed = 'a-wrong-password-typed-by-hand';

/** A secret as it would be in a line: as it is, as JSON has it, and in base64 as SASL carries it. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, inJson, Buffer.from(secret, 'utf8').toString('base64').replace(/=+$/, '')])];
}

describe('99 logs', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob, 'domain'] });

  before('people talk, and one mistypes', async () => {
    const { login, gateway } = world();
    await using first = await SlixmppClient.login(login(alice));
    await using second = await SlixmppClient.login(login(carol));
    first.say(carol.jid, 'under seven oaks, at nine');
    await second.hear('under seven oaks, at nine');
    keepSecret('password', typed);
    for (const place of [login(bob), login(carol), gateway]) {
      await using client = await RawClient.connect(place);
      client.write(header(domain));
      await client.hear('</stream:features>');
      const response = Buffer.from(`\0bob\0${typed}`).toString('base64');
      client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`);
      await client.hear(/<failure|<\/stream:stream>/);
    }
  });

  it('have no password, no word and no key in them, of all that was said in this run', async () => {
    const logs = await keptLogs();
    const secrets = await keptSecrets();
    assert.ok(secrets.has(alice.password) && secrets.has('under seven oaks, at nine'), 'there was something to find');
    assert.ok(logs.includes(alice.jid), 'a JID is found, so a secret would be');
    const found = [...secrets].filter(([secret]) => formsOf(secret).some((form) => logs.includes(form)));
    assert.deepEqual(
      found.map(([secret, what]) => `${what}: ${secret}`),
      [],
    );
  });
});
