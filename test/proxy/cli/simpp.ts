// Runs the real command line as a child process.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const mainFile = fileURLToPath(new URL('../../../proxy/main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout's last line as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  readonly home: string;
  /** What stdin gives before it ends. */
  readonly input?: string;
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `simpp ARGS`, to its end. */
export async function simpp(args: readonly string[], options: RunOptions): Promise<Finished> {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), mainFile, ...args], {
    env: { ...process.env, ...options.env, SIMPP_HOME: options.home },
  });
  child.stdin.end(options.input ?? '');
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return {
    code,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    },
  };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export interface Running {
  readonly child: ChildProcess;
  /** The addresses of the readiness line. */
  readonly listen: readonly string[];
  /** Sends the signal; resolves with exit code and signal. */
  end(signal: NodeJS.Signals): Promise<[code: number | null, signal: string | null]>;
}

/** `simpp ARGS` of a role, once it is ready. */
export async function startSimpp(args: readonly string[], home: string): Promise<Running> {
  const env = { ...process.env, SIMPP_HOME: home };
  const child = spawn(process.execPath, [mainFile, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { ready, listen } = JSON.parse(line) as { ready?: boolean; listen?: string[] };
  if (ready !== true || listen === undefined) throw new Error(`simpp ${args.join(' ')} said ${line}`);
  return {
    child,
    listen,
    end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
