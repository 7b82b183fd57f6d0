import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { counterNames } from '../../proxy/gateway/counters.ts';
import { logFieldNames } from '../../proxy/log.ts';
import { filesBelow, repository } from './files.ts';

describe('docs/operate/README.md', () => {
  let page: string;

  before(async () => {
    page = await readFile(new URL('docs/operate/README.md', repository), 'utf8');
  });

  it('lists every counter of the gateway', () => {
    for (const name of counterNames) assert.ok(page.includes(`\`${name}\``), name);
  });

  it('lists every field that an event may have', () => {
    for (const name of logFieldNames) assert.ok(page.includes(`\`${name}\``), name);
  });

  it('lists every event of the gateway that is not for finding bugs', async () => {
    const events = new Set<string>();
    for (const file of await filesBelow('proxy/gateway', '.ts')) {
      const source = await readFile(new URL(file, repository), 'utf8');
      for (const [, event] of source.matchAll(/\blog\.(?:info|warn|error)\(\s*'([^']+)'/g)) events.add(event!);
    }
    assert.ok(events.has('login'), 'the source was not read');
    for (const event of events) assert.ok(page.includes(`\`${event}\``), event);
  });
});
