// Writes test/vectors/*.json. Vectors are known answers: a change in them is a
// change of the protocol, to be seen in review.
import { writeFile } from 'node:fs/promises';
import { kinds } from './kinds/all.ts';
import { fileOf } from './vector.ts';

for (const kind of kinds) {
  await writeFile(new URL(`${kind.file}.json`, import.meta.url), `${JSON.stringify(fileOf(kind), null, 1)}\n`);
}
