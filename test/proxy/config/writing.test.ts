import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountSchema } from '../../../proxy/config/account-schema.ts';
import { readSetups, setupFile, writeSetup } from '../../../proxy/config/accounts.ts';
import { annotateToml } from '../../../proxy/config/annotate.ts';
import { setTomlKey } from '../../../proxy/config/edit.ts';
import { gatewaySchema, type GatewayFile } from '../../../proxy/config/gateway-schema.ts';
import { ConfigError } from '../../../proxy/config/problem.ts';
import { proxySchema } from '../../../proxy/config/proxy-schema.ts';
import { parseConfig } from '../../../proxy/config/read.ts';
import { writeFileAtomically } from '../../../proxy/config/write.ts';
import { SimppError } from '../../../shared/errors.ts';

describe('annotated files', () => {
  const schemas = { gateway: gatewaySchema, proxy: proxySchema, account: accountSchema };
  for (const [name, schema] of Object.entries(schemas)) {
    it(`of the ${name} explain every key`, () => {
      const text = annotateToml(
        schema,
        { domains: ['example.org'], server: '127.0.0.1:1', mode: 'direct' } as never,
        '',
      );
      for (const key of Object.keys(schema.shape)) {
        assert.match(text, new RegExp(`^# .+\n(# )?(${key} =|\\[${key}\\])`, 'm'), key);
      }
    });
  }

  it('read back as what was written, also with every default switched on', () => {
    const values: GatewayFile = { domains: ['example.org'], server: '127.0.0.1:5223', plain_clients: 'refuse' };
    const text = annotateToml(gatewaySchema, values, 'A heading.');
    assert.deepEqual(parseConfig(text, 'F', gatewaySchema), gatewaySchema.parse(values));
    const uncommented = text.replaceAll(/^# (\w+ = .+)$/gm, '$1');
    assert.notEqual(uncommented, text);
    assert.deepEqual(parseConfig(uncommented, 'F', gatewaySchema), gatewaySchema.parse(values));
  });
});

describe('changing one key', () => {
  it('keeps comments and everything else', () => {
    const text = '# mine\nlisten = ["127.0.0.1:1",\n  "127.0.0.1:2"] # why\n\n[log]\nlevel = "debug"\n';
    const expected = '# mine\nlisten = ["127.0.0.1:3"] # why\n\n[log]\nlevel = "debug"\n';
    assert.equal(setTomlKey(text, 'listen', ['127.0.0.1:3']), expected);
  });

  it('puts the key in the place of its commented default', () => {
    const text = '# About it.\n# listen = ["127.0.0.1:5222"]\n\n[log]\n';
    assert.equal(setTomlKey(text, 'listen', ['[::1]:1']), '# About it.\nlisten = ["[::1]:1"]\n\n[log]\n');
  });

  it('adds it before the first table', () => {
    assert.equal(
      setTomlKey('a = 1\n[log]\nlisten = 2\n', 'listen', ['x']),
      'a = 1\nlisten = ["x"]\n[log]\nlisten = 2\n',
    );
    assert.equal(setTomlKey('', 'listen', ['x']), 'listen = ["x"]\n');
    assert.equal(setTomlKey('a = 1', 'listen', ['x']), 'a = 1\nlisten = ["x"]\n');
  });
});

describe('the folder of set-ups', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'simpp-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("has one file per set-up, each its owner's only, and nothing half-written", () => {
    const accounts = join(folder, 'accounts');
    for (const jid of ['alice@example.org', 'bob@example.org']) {
      writeSetup(setupFile(accounts, { kind: 'jid', jid }), { jid, mode: 'direct' });
    }
    writeSetup(setupFile(accounts, { kind: 'domain', domain: 'example.org' }), {
      domain: 'example.org',
      mode: 'direct',
    });
    assert.deepEqual(readdirSync(accounts), ['alice@example.org.toml', 'bob@example.org.toml', 'example.org.toml']);
    assert.equal(statSync(accounts).mode & 0o777, 0o700);
    for (const name of readdirSync(accounts)) assert.equal(statSync(join(accounts, name)).mode & 0o777, 0o600);
    assert.deepEqual(
      readSetups(accounts).map(({ setup }) => setup.kind),
      ['jid', 'jid', 'domain'],
    );
  });

  it('gives any address a file name that stays in the folder and differs from all others', () => {
    const names = [
      'a@example.org',
      'a%40@example.org',
      '../x@example.org',
      'é@example.org',
      'a|b*?@example.org',
      '[::1]',
      `${'ö'.repeat(500)}@example.org`,
      `${'ö'.repeat(500)}@example.net`,
    ];
    const files = names.map((jid) => setupFile('/accounts', { kind: 'jid', jid }));
    assert.equal(new Set(files).size, names.length);
    for (const file of files) assert.match(file, /^\/accounts\/[a-z0-9%@~_-][a-z0-9%@._~-]{0,199}\.toml$/);
  });

  it('names the problems of all files at once, and a set-up that is there twice', () => {
    writeFileAtomically(join(folder, 'a.toml'), 'jid = "a@example.org"\nmode = "direkt"\n');
    writeFileAtomically(join(folder, 'b.toml'), 'jid = "b@example.org"\nmode = "direct"\n');
    writeFileAtomically(join(folder, 'c.toml'), 'jid = "B@example.org"\nmode = "direct"\n');
    assert.throws(
      () => readSetups(folder),
      (error) => {
        assert.ok(error instanceof ConfigError);
        const [first, second] = error.message.split('\n');
        assert.match(
          first!,
          /a\.toml:2:1: mode: expected one of "gateway", "direct", got "direkt"; did you mean "direct"\?/,
        );
        assert.match(second!, /c\.toml: b@example\.org is set up in .*b\.toml already/);
        return true;
      },
    );
  });

  it('leaves the old file when the new one cannot be written', () => {
    const file = join(folder, 'x.toml');
    writeFileAtomically(file, 'old');
    assert.throws(
      () => writeFileAtomically(join(file, 'below-a-file.toml'), 'new'),
      (error) => error instanceof SimppError && error.code === 'storage-failed',
    );
    assert.equal(readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder), ['x.toml']);
  });
});
