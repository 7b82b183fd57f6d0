import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { kinds } from './kinds/all.ts';
import type { Case, Json, Values, VectorFile, VectorKind } from './vector.ts';

const folder = new URL('./', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));

async function load(name: string): Promise<VectorFile> {
  return JSON.parse(await readFile(new URL(name, folder), 'utf8')) as VectorFile;
}

const passes = (kind: VectorKind, { inputs, outputs }: Case): boolean => {
  try {
    assert.deepEqual(kind.derive(inputs), outputs);
    return true;
  } catch {
    return false;
  }
};

/** The values with one leaf changed: each leaf in turn, bytes at the first, the middle and the last one. */
function* mutations(value: Json, path = ''): Generator<{ readonly path: string; readonly value: Json }> {
  if (typeof value === 'string') {
    for (const changed of changedTexts(value)) yield { path, value: changed };
  } else if (typeof value === 'number') {
    yield { path, value: value ^ 1 };
  } else if (typeof value === 'boolean') {
    yield { path, value: !value };
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      for (const inner of mutations(item, `${path}[${at}]`))
        yield { path: inner.path, value: value.with(at, inner.value) };
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      for (const inner of mutations(item, `${path}.${key}`)) {
        yield { path: inner.path, value: { ...value, [key]: inner.value } };
      }
    }
  }
}

function* changedTexts(text: string): Generator<string> {
  if (text === '') {
    yield '00'; // a byte where there was none, or two characters
  } else if (/^(?:[0-9a-f]{2})+$/.test(text)) {
    const bytes = fromHex(text);
    for (const at of new Set([0, bytes.length >> 1, bytes.length - 1])) yield toHex(bytes.with(at, bytes[at]! ^ 1));
  } else {
    yield `${text.slice(0, -1)}${text.endsWith('x') ? 'y' : 'x'}`;
  }
}

/** Whose inputs are changed: every case, but of a kind that must be refused the first, since a digest covers each alike. */
const sample = (cases: readonly Case[]): readonly Case[] => ('digest' in cases[0]!.outputs ? cases.slice(0, 1) : cases);

describe('known answers', () => {
  it('have a kind for each file and a file for each kind', () => {
    assert.deepEqual(files.toSorted(), kinds.map(({ file }) => `${file}.json`).toSorted());
  });

  for (const kind of kinds) {
    describe(kind.file, () => {
      it('are what the code computes, whole', async () => {
        const { about, section, cases } = await load(`${kind.file}.json`);
        assert.deepEqual({ about, section }, { about: kind.about, section: kind.section });
        assert.deepEqual(
          cases.map(({ name }) => name),
          [...new Set(kind.inputs.map(({ name }) => name))],
        );
        for (const [at, { name, inputs, outputs }] of cases.entries()) {
          assert.deepEqual(inputs, kind.inputs[at]!.inputs, name);
          assert.deepEqual(kind.derive(inputs), outputs, name);
        }
      });

      it('fail when any input is changed', async () => {
        const { cases } = await load(`${kind.file}.json`);
        for (const item of sample(cases)) {
          for (const { path, value } of mutations(item.inputs)) {
            const changed = { ...item, inputs: value as Values };
            assert(!passes(kind, changed), `${item.name}: input ${path} goes unchecked`);
          }
        }
      }).timeout(60_000);
    });
  }
});
