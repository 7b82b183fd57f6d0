// Loads test/cases/streams: each NAME.xml holds the raw bytes of a stream, each
// NAME.json what the scanner makes of them (parts made with expat, an
// independent parser). A file without its partner, or one that does not load, fails the run.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ErrorCode } from '../../../shared/errors.ts';
import { errorTable } from '../../../shared/errors.ts';

export interface ExpectedPart {
  readonly kind: 'header' | 'element' | 'space' | 'footer';
  /** Namespace and local name as {namespace}local, of headers and elements. */
  readonly name?: string;
  readonly length: number;
  /** The stream begins anew behind this part. */
  readonly restart?: boolean;
}

export interface StreamCase {
  readonly file: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly parts: readonly ExpectedPart[];
  readonly error: ErrorCode | undefined;
}

const folder = join(import.meta.dirname, '../../cases/streams');

function load(file: string): StreamCase {
  const bytes = new Uint8Array(readFileSync(join(folder, `${file}.xml`)));
  const expected: unknown = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
  assert.ok(typeof expected === 'object' && expected !== null && 'title' in expected && 'parts' in expected, file);
  const { title, parts } = expected;
  assert.ok(typeof title === 'string' && Array.isArray(parts), file);
  for (const part of parts as ExpectedPart[]) {
    assert.ok(['header', 'element', 'space', 'footer'].includes(part.kind) && part.length > 0, file);
  }
  const error = 'error' in expected ? expected.error : undefined;
  assert.ok(error === undefined || (typeof error === 'string' && Object.hasOwn(errorTable, error)), file);
  return { file, title, bytes, parts: parts as ExpectedPart[], error: error as ErrorCode | undefined };
}

/** All cases of the folder. */
export function streamCases(): readonly StreamCase[] {
  const names = new Set(readdirSync(folder).map((file) => basename(file).replace(/\.(xml|json)$/, '')));
  assert.ok(names.size > 0, 'no stream cases found');
  return [...names].toSorted().map(load);
}
