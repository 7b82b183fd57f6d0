import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { accountSchema } from '../../proxy/config/account-schema.ts';
import { gatewaySchema } from '../../proxy/config/gateway-schema.ts';
import { currentSurroundings, findHome } from '../../proxy/config/home.ts';
import { proxySchema } from '../../proxy/config/proxy-schema.ts';
import { filesBelow, repository } from './files.ts';
import { settingsOf, withSettings } from './settings.ts';

describe('docs/configuration.md', () => {
  let page: string;

  before(async () => {
    page = await readFile(new URL('docs/configuration.md', repository), 'utf8');
  });

  it('lists every key and every error as they are declared', () => {
    assert.equal(page, withSettings(page), 'run: node test/docs/write.ts');
  });

  it('says of every key what it means', () => {
    const settings = [proxySchema, accountSchema, gatewaySchema].flatMap((schema) => settingsOf(schema));
    assert.ok(settings.length >= 25, 'the schemas were not read');
    for (const { key, form, meaning } of settings) {
      assert.notEqual(meaning, '', `${key} has no description`);
      assert.match(form, / /, `${key} does not say what it expects`);
    }
  });

  it('lists every file of a role', () => {
    const { configDir, stateDir, ...files } = findHome({ ...currentSurroundings(), env: { SIMPP_HOME: '/home' } });
    assert.equal(configDir, stateDir);
    for (const file of Object.values(files)) assert.match(page, new RegExp(`\`${basename(file)}(\`|/)`), file);
  });

  it('lists every environment variable that the program reads', async () => {
    const names = new Set<string>();
    for (const file of await filesBelow('proxy', '.ts')) {
      const source = await readFile(new URL(file, repository), 'utf8');
      for (const [, name] of source.matchAll(/\benv(?:\['|\.)([A-Z][A-Z_]+)/g)) names.add(name!);
    }
    // The try-out world looks for Prosody there, as every program does.
    names.delete('PATH');
    assert.ok(names.has('SIMPP_HOME'), 'the source was not read');
    for (const name of names) assert.ok(page.includes(`\`${name}\``), name);
  });
});
