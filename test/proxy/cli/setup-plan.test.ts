import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountFileOf, planFromFlags, type SetupFlags } from '../../../proxy/cli/setup-plan.ts';
import { fingerprintOf } from '../../../proxy/cli/setup.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { createGatewayKey, publicGatewayKey } from '../../../proxy/gateway/key-file.ts';
import { formatInvite } from '../../../proxy/invite.ts';
import { SimppError } from '../../../shared/errors.ts';

const crypto = detectNodeCrypto();
const inviteOf = (profile: 'simpp-2' | 'classic', port = 6222): string =>
  formatInvite({
    gateway: { host: '127.0.0.1', port },
    domains: ['example.org', 'example.net'],
    key: publicGatewayKey(createGatewayKey(crypto, profile)),
  });
const invite = inviteOf('simpp-2');
const offCurve = invite.replace(/key=.*/, (key) => `${key.slice(0, 20)}AAAA${key.slice(24)}`);

describe('the plan of a set-up', () => {
  let folder: string;
  let passwordFile: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-plan-'));
    passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'pass word\r\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('for an account through a gateway has its password, and pins the key', () => {
    const plan = planFromFlags({ address: 'Alice@Example.org', invite, passwordFile });
    assert.deepEqual(plan.name, { kind: 'jid', jid: 'alice@example.org' });
    assert.equal(plan.password, 'pass word');
    assert.match(fingerprintOf(plan)!, /^(\d{5} ){11}\d{5}$/);
    const { key, ...rest } = accountFileOf(plan);
    assert.deepEqual(rest, { jid: 'alice@example.org', mode: 'gateway', gateway: '127.0.0.1:6222' });
    assert.ok(invite.endsWith(`key=${key}`));
  });

  it('for the profile classic says so', () => {
    const plan = planFromFlags({ address: 'example.org', invite: inviteOf('classic'), profile: 'classic' });
    assert.equal(accountFileOf(plan).profile, 'classic');
  });

  it('says of end-to-end encryption what was asked for, and else leaves it to the default', () => {
    const direct = { address: 'example.org', direct: true } as const;
    assert.equal(accountFileOf(planFromFlags({ ...direct, e2e: 'require' })).e2e, 'require');
    assert.ok(!('e2e' in accountFileOf(planFromFlags(direct))));
  });

  it('for a direct domain has TLS unless something else is said', () => {
    const plan = planFromFlags({ address: 'example.org', direct: true });
    assert.deepEqual(plan.route, { mode: 'direct', tls: 'starttls' });
    assert.equal(fingerprintOf(plan), undefined);
    const local = planFromFlags({
      address: 'example.org',
      direct: true,
      server: { host: '127.0.0.1', port: 1 },
      serverTls: 'none',
    });
    assert.deepEqual(accountFileOf(local), {
      domain: 'example.org',
      mode: 'direct',
      server: '127.0.0.1:1',
      server_tls: 'none',
    });
  });

  const refused: Readonly<Record<string, [flags: () => SetupFlags, exitCode: number, text: RegExp]>> = {
    'an account without its password': [() => ({ address: 'a@example.org', direct: true }), 64, /--password-file/],
    'a domain with a password': [() => ({ address: 'example.org', direct: true, passwordFile }), 64, /no password/],
    'a password file that is not there': [
      () => ({ address: 'a@example.org', direct: true, passwordFile: join(folder, 'none') }),
      64,
      /cannot be read/,
    ],
    nobody: [() => ({ direct: true }), 64, /Say whom to set up/],
    'no way to the server': [() => ({ address: 'example.org' }), 64, /--invite URI .*--direct/],
    'an address with a resource': [() => ({ address: 'a@example.org/x', direct: true }), 65, /resource/],
    'an invite of another domain': [
      () => ({ address: 'example.com', invite }),
      65,
      /for example\.org, example\.net, not/,
    ],
    'an invite of another profile': [() => ({ address: 'example.org', invite, profile: 'classic' }), 65, /profile/],
    'a classic invite that was not asked for': [
      () => ({ address: 'example.org', invite: inviteOf('classic') }),
      65,
      /profile classic, not simpp-2/,
    ],
    'an invite without a port': [() => ({ address: 'example.org', invite: inviteOf('simpp-2', 0) }), 65, /no port/],
    'a damaged invite': [() => ({ address: 'example.org', invite: invite.slice(0, -1) }), 65, /damaged/],
    'an invite whose key is no point of the curve': [
      () => ({ address: 'example.org', invite: offCurve }),
      65,
      /not on P-256/,
    ],
    'plaintext over a network': [
      () => ({ address: 'example.org', direct: true, server: { host: '192.0.2.1', port: 1 }, serverTls: 'none' }),
      64,
      /loopback/,
    ],
    'a listener that others can reach': [
      () => ({ address: 'example.org', direct: true, listen: [{ host: '0.0.0.0', port: 5222 }] }),
      64,
      /this machine/,
    ],
    'a CA file that is not there': [
      () => ({ address: 'example.org', direct: true, serverCa: '/nowhere/ca.pem' }),
      64,
      /no file/,
    ],
  };
  for (const [name, [flags, exitCode, text]] of Object.entries(refused)) {
    it(`is refused for ${name}`, () => {
      assert.throws(
        () => fingerprintOf(planFromFlags(flags())),
        (error) => {
          assert.ok(error instanceof SimppError);
          assert.match(error.message, text);
          assert.equal(error.exitCode, exitCode);
          return true;
        },
      );
    });
  }
});
