// Whether a role starts by itself, as far as its file tells.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Role } from '../config/home.ts';
import { findings, type Finding } from '../doctor/finding.ts';
import { serviceFile, type ServiceWorld } from './definition.ts';
import { platforms } from './service.ts';

const say = findings('autostart');

/** The world of this process; undefined on a platform that simpp makes no services for. */
export function thisWorld(): ServiceWorld | undefined {
  const platform = platforms.find((name) => name === process.platform);
  return platform && { platform, home: homedir(), env: process.env };
}

/** Whether the service of a role is installed. */
export function checkAutostart(role: Role): Finding {
  const world = thisWorld();
  const command = role === 'proxy' ? 'simpp service install' : 'sudo simpp service install gateway';
  if (world === undefined)
    return say.note(`The ${role} does not start by itself, and simpp knows no way on this system.`);
  const file = serviceFile(role, world);
  if (existsSync(file)) return say.ok(`The ${role} starts by itself (${file}).`);
  return say.note(`The ${role} does not start by itself.`, command);
}
