import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { declared, declaredClassic, withTables } from './tables.ts';

describe('docs/protocol.md', () => {
  it('lists every label and every message as they are declared', async () => {
    const page = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
    assert.equal(page, withTables(page), 'run: node test/docs/write.ts');
  });

  it('gives every message a tag of its own', () => {
    const tags = [...declared, ...declaredClassic].map(({ tag }) => tag);
    assert.equal(new Set(tags).size, tags.length);
  });
});
