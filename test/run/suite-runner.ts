// Starts a suite's process and waits for its result. A process that ends without
// one, or does not end after it, is a failure that no test reported.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Result } from './result.ts';
import type { Suite } from './suites.ts';

const program = fileURLToPath(new URL('suite-process.ts', import.meta.url));
const endTimeoutMs = 20_000;

export interface RunOptions {
  readonly grep?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A suite that has run, and what it printed. */
export interface SuiteRun {
  readonly result: Result;
  readonly output: string;
}

export async function runSuite(suite: Suite, options: RunOptions = {}): Promise<SuiteRun> {
  const { grep } = options;
  const env = { ...process.env, ...suite.env, ...options.env };
  const child = fork(program, [JSON.stringify({ suite, grep })], {
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  let result: Result | undefined;
  let timer: NodeJS.Timeout | undefined;
  child.once('message', (message) => {
    result = message as Result; // suite-process.ts sends nothing else
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('did not end after its last test');
    }, endTimeoutMs);
  });
  child.once('close', (code, signal) => {
    if (!result) resolve(`ended with ${signal ?? code} before its last test`);
    else resolve(code === 0 ? '' : `ended with ${signal ?? code} after its last test`);
  });
  const trouble = await ended;
  clearTimeout(timer);
  const { passed, failed, skipped } = result ?? { passed: 0, failed: [], skipped: [] };
  const troubles = trouble === '' ? [] : [`the process of suite "${suite.title}" ${trouble}`];
  return { result: { passed, failed: [...failed, ...troubles], skipped }, output };
}
