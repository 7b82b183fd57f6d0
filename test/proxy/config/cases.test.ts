// test/cases/config: each NAME.toml has a NAME.json that says what reading it
// gives, or every problem that is reported, in order.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { toSetup, accountSchema } from '../../../proxy/config/account-schema.ts';
import { gatewaySchema } from '../../../proxy/config/gateway-schema.ts';
import { ConfigError } from '../../../proxy/config/problem.ts';
import { proxySchema } from '../../../proxy/config/proxy-schema.ts';
import { parseConfig } from '../../../proxy/config/read.ts';

interface ConfigCase {
  readonly schema: 'gateway' | 'proxy' | 'account';
  readonly value?: unknown;
  readonly setup?: Readonly<Record<string, unknown>>;
  readonly problems?: readonly string[];
}

const folder = new URL('../../cases/config/', import.meta.url);
const names = readdirSync(folder);
const schemas = { gateway: gatewaySchema, proxy: proxySchema, account: accountSchema };

describe('configuration files', () => {
  it('come in pairs of .toml and .json', () => {
    const stems = (extension: string): string[] =>
      names.filter((name) => name.endsWith(extension)).map((name) => name.slice(0, -extension.length));
    assert.deepEqual(stems('.toml'), stems('.json'));
    assert.ok(stems('.toml').length >= 15);
  });

  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const expected = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ConfigCase;
    const text = readFileSync(new URL(name.replace('.json', '.toml'), folder), 'utf8');
    it(name.replace('.json', '').replaceAll('-', ' '), () => check(expected, text));
  }
});

function check(expected: ConfigCase, text: string): void {
  const read = (): unknown => parseConfig(text, 'F', schemas[expected.schema]);
  if (expected.problems !== undefined) {
    assert.throws(read, (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.message.split('\n'), expected.problems);
      return error.code === 'config-invalid';
    });
  } else if (expected.setup !== undefined) {
    const setup = toSetup(parseConfig(text, '/accounts/F', accountSchema), '/accounts/F');
    assert.deepEqual(JSON.parse(JSON.stringify(setup, bytesAsLength)), expected.setup);
  } else {
    assert.deepEqual(read(), expected.value);
  }
}

function bytesAsLength(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? value.length : value;
}
