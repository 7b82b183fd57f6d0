// Whether a role runs, and whether its control socket is what it should be: a
// socket of the folder's owner, on which that role answers.

import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { Role } from '../config/home.ts';
import { connectControl } from '../control/client.ts';
import { status, type RoleStatus } from '../control/methods.ts';
import { findings, shellWord, type Finding } from './finding.ts';

const say = findings('running');
const answerMs = 3000;

/** A role's answer, when it runs, and what there is to say about its socket. */
export interface Presence {
  readonly status: RoleStatus | undefined;
  readonly findings: readonly Finding[];
}

/** Asks a role on its socket; `uid` is that of this process. */
export async function findRole(role: Role, path: string, uid: number | undefined): Promise<Presence> {
  const bad = uid === undefined ? undefined : checkSocketFile(path, uid);
  if (bad !== undefined) return { status: undefined, findings: [bad] };
  try {
    const client = await connectControl(path);
    if (client === undefined) return { status: undefined, findings: [notRunning(role)] };
    const answer = await inTime(client.call(status, {})).finally(() => client.close());
    const text = `The ${role} runs (process ${answer.pid}) and answers on ${path}.`;
    return { status: answer, findings: [say.ok(text)] };
  } catch (error) {
    const mend = `simpp status ${role}`;
    return { status: undefined, findings: [say.problem(`${path}: ${asSimppError(error).message}`, mend)] };
  }
}

/** A process that is stopped, or no simpp at all, would be waited for forever. */
function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const tooLate = (): void => reject(new SimppError('too-slow', `It did not answer within ${answerMs / 1000} s.`));
  const timer = setTimeout(tooLate, answerMs);
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

function checkSocketFile(path: string, uid: number): Finding | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isSocket()) {
    return say.problem(
      `${path} is in the way: it is no socket.`,
      `mv ${shellWord(path)} ${shellWord(`${path}.aside`)}`,
    );
  }
  // Root looks after the folders of others, where the owner's socket is right.
  const rightful = uid === 0 ? statSync(dirname(path)).uid : uid;
  if (stats.uid === rightful) return undefined;
  return say.problem(
    `The control socket ${path} belongs to another user (uid ${stats.uid}): nothing is said to it.`,
    `sudo rm ${shellWord(path)}   # or choose another folder with SIMPP_HOME`,
  );
}

function notRunning(role: Role): Finding {
  return role === 'proxy'
    ? say.warning('The proxy does not run: clients find nobody.', 'simpp proxy')
    : say.warning('The gateway does not run: nobody gets in.', 'simpp gateway run');
}
