// What the figures were measured on.
import { cpus, loadavg } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly openssl: string;
  readonly platform: string;
  /** Over the last minute, when the run began. */
  readonly loadAtStart: number;
}

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    node: process.version,
    openssl: process.versions.openssl ?? 'none',
    platform: `${process.platform} ${process.arch}`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

/** The machine in one line. */
export function machineLine(machine: Machine): string {
  const { cpu, cores, node, openssl, platform, loadAtStart } = machine;
  return `${cpu}, ${cores} cores, ${platform}; Node ${node}, OpenSSL ${openssl}; load at start ${loadAtStart.toFixed(1)}`;
}
