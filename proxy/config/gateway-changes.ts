// What a changed gateway.toml changes in a gateway that runs, by the keys of
// the file.

import type { GatewayConfig } from './gateway-schema.ts';

/** The settings that sockets and the directory were opened with. */
const needRestart = ['listen', 'profile'] as const satisfies readonly (keyof GatewayConfig)[];

/** Keys whose values differ, those of tables behind their names. */
export function changedKeys(before: object, after: object, path = ''): readonly string[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  return keys.flatMap((key): readonly string[] => {
    const [was, is] = [old.get(key) as unknown, now.get(key) as unknown];
    if (isTable(was) && isTable(is) && !('host' in was)) return changedKeys(was, is, `${path}${key}.`);
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [path + key];
  });
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What of a changed file counts at once, compared with the last one that was read. */
export function takenKeys(before: GatewayConfig, after: GatewayConfig): readonly string[] {
  const later: ReadonlySet<string> = new Set(needRestart);
  return changedKeys(before, after).filter((key) => !later.has(key));
}

/** What of it counts later, compared with the one that the gateway was started with. */
export function notesOnGatewayChange(started: GatewayConfig, after: GatewayConfig): readonly string[] {
  return needRestart
    .filter((key) => changedKeys(started, after).includes(key))
    .map((key) => `"${key}" in gateway.toml has changed; it counts after a restart of the gateway.`);
}
