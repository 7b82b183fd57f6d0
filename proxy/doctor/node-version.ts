// Node: node:sqlite without a flag and post-quantum keys came with 24.

import { findings, type Finding } from './finding.ts';

export const leastNodeMajor = 24;

/** `version` is process.versions.node. */
export function checkNode(version: string): Finding[] {
  const say = findings('node');
  if (Number(version.split('.', 1)[0]) >= leastNodeMajor) return [say.ok(`Node ${version}`)];
  return [
    say.problem(
      `Node ${version} is too old: simpp needs ${leastNodeMajor} or newer.`,
      `npm install --global node@${leastNodeMajor}`,
    ),
  ];
}
