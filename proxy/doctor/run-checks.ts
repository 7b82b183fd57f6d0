// Runs checks side by side, each within its time: a check that hangs or fails
// becomes a finding of its own and holds nobody up.

import { asSimppError } from '../../shared/errors.ts';
import { findings, type CheckName, type Finding } from './finding.ts';

/** One check. What it opens, it closes when the signal fires. */
export interface Check {
  readonly name: CheckName;
  run(signal: AbortSignal): readonly Finding[] | Promise<readonly Finding[]>;
}

/** Checks that belong together, for a heading. */
export interface Section {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** What came out of a section, in the order of its checks. */
export interface SectionReport {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** For each check, and so for all of them. */
export const defaultCheckMs = 12_000;

/** Runs all checks of all sections at once. */
export function runSections(sections: readonly Section[], timeoutMs = defaultCheckMs): Promise<SectionReport[]> {
  return Promise.all(
    sections.map(async ({ title, checks }) => {
      const found = await Promise.all(checks.map((check) => runCheck(check, timeoutMs)));
      return { title, findings: found.flat() };
    }),
  );
}

async function runCheck(check: Check, timeoutMs: number): Promise<readonly Finding[]> {
  const say = findings(check.name);
  const giveUp = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const timer = setTimeout(() => {
    resolve([say.warning(`This check was not done after ${timeoutMs / 1000} s.`, 'simpp doctor')]);
    giveUp.abort();
  }, timeoutMs);
  try {
    return await Promise.race([Promise.resolve(giveUp.signal).then((signal) => check.run(signal)), late]);
  } catch (error) {
    return [say.problem(asSimppError(error).message, 'simpp log --level debug')];
  } finally {
    clearTimeout(timer);
  }
}
