// Brings the Debian packages that the tests need, if it may; without them tests
// are skipped by name.
import { installPackages } from '../../proxy/try/apt.ts';
import { missing, needNames, needTable } from './needs.ts';

/** As root without a terminal, with `install`, or after a yes; says what it does on standard error. */
export async function provision({ install }: { readonly install: boolean }): Promise<void> {
  const packages = new Set(missing(needNames).flatMap((name) => needTable[name].packages));
  await installPackages([...packages], { install, who: 'The test run' });
}
