import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { readServerFirst } from '../../../proxy/sasl/scram-message.ts';
import { advanceServer, startServer, type ServerOptions } from '../../../proxy/sasl/server.ts';
import { serverOptions } from './exchange.ts';

async function challengeFor(name: string, options: ServerOptions = serverOptions()) {
  const step = await advanceServer(startServer('SCRAM-SHA-256', options), utf8(`n,,n=${name},r=abc`));
  assert.ok(step.kind === 'challenge');
  return readServerFirst(step.challenge);
}

describe('a user that does not exist', () => {
  it('gets a salt and count that look like those of one who does', async () => {
    const real = await challengeFor('romeo');
    const fake = await challengeFor('nobody');
    assert.equal(fake.salt.length, real.salt.length);
    assert.equal(fake.iterations, real.iterations);
  });

  it('gets the same salt each time, and another one than other names and installations', async () => {
    const first = await challengeFor('nobody');
    assert.equal((await challengeFor('nobody')).text, first.text);
    assert.notDeepEqual((await challengeFor('somebody')).salt, first.salt);
    assert.deepEqual((await challengeFor('Nobody')).salt, first.salt, 'however the name is written');
    const elsewhere = serverOptions({ fake: { secret: new Uint8Array(32).fill(2), iterations: 16 } });
    assert.notDeepEqual((await challengeFor('nobody', elsewhere)).salt, first.salt);
  });
});
