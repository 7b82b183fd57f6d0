// Files with secrets in them: nobody but their owner may read them.

import { statSync } from 'node:fs';
import { shellWord, type Finding, type Findings } from './finding.ts';

/** Those of the files that others can read, as problems; empty where there are no modes (Windows). */
export function checkPrivateFiles(files: readonly string[], say: Findings): Finding[] {
  if (process.platform === 'win32') return [];
  return files.flatMap((file) => {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) === 0) return [];
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    return [
      say.problem(
        `Others can read ${file} (mode ${octal}); if somebody did, its secrets are out.`,
        `chmod 600 ${shellWord(file)}`,
      ),
    ];
  });
}
