import assert from 'node:assert/strict';
import { changedKeys, notesOnGatewayChange, takenKeys } from '../../../proxy/config/gateway-changes.ts';
import { gatewaySchema, type GatewayConfig, type GatewayFile } from '../../../proxy/config/gateway-schema.ts';

const file = (changes: Partial<GatewayFile> = {}): GatewayConfig =>
  gatewaySchema.parse({ domains: ['example.org'], server: '127.0.0.1:15222', ...changes });

describe('what a changed gateway.toml changes', () => {
  it('is named by its keys, those of tables behind their names', () => {
    const changed = file({
      server: '127.0.0.1:15223',
      plain_clients: 'refuse',
      redirect_hosts: ['*.example.org'],
      limits: { max_connections: 5 },
      log: { level: 'debug' },
      public: 'xmpp.example.org:5222',
    });
    assert.deepEqual([...takenKeys(file(), changed)].toSorted(), [
      'limits.max_connections',
      'log.level',
      'plain_clients',
      'public',
      'redirect_hosts',
      'server',
    ]);
    assert.deepEqual(takenKeys(changed, changed), []);
    assert.deepEqual(changedKeys(file(), file({ domains: ['example.org', 'example.net'] })), ['domains']);
  });

  it('counts after a restart for listen and profile, whatever was read in between', () => {
    const changed = file({ listen: ['0.0.0.0:5223'], profile: 'classic' });
    assert.deepEqual(takenKeys(file(), changed), []);
    assert.deepEqual(notesOnGatewayChange(file(), changed), [
      '"listen" in gateway.toml has changed; it counts after a restart of the gateway.',
      '"profile" in gateway.toml has changed; it counts after a restart of the gateway.',
    ]);
    assert.deepEqual(notesOnGatewayChange(file(), file()), []);
  });
});
