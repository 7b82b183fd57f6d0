// profanity shows nothing of a stream error that ends its login but "Login
// failed."; the text that it was told stands in its log, whose place it shows.
import { readFile } from 'node:fs/promises';

import { Profanity, type ProfanitySetup } from './profanity.ts';

/** A login that must fail; the text of the stream error as profanity has it in its log. */
export async function refusedProfanity(setup: ProfanitySetup): Promise<string> {
  await using client = await Profanity.connect(setup);
  const screen = await client.see('Login failed.');
  const path = /Logging to:[^/]*(\/\S+)/.exec(screen)?.[1];
  if (path === undefined) throw new Error(`profanity does not say where its log is:\n${screen}`);
  const log = await readFile(path, 'utf8');
  return /RECV: <error [^\n]*<text [^>]*>([^<]*)<\/text>/.exec(log)?.[1] ?? '';
}
