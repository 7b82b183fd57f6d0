// `npm run bench`: what SIMPP costs, beside what it could be compared with.
import { parseArgs } from 'node:util';

import { measureEndToEnd } from './end-to-end.ts';
import { measureFloods } from './floods.ts';
import { measureIdle } from './idle.ts';
import { measureLogins } from './logins.ts';
import { machineLine, thisMachine } from './machine.ts';
import type { Plan } from './blocks.ts';
import type { Measurement } from './measurement.ts';
import { measureRecords } from './records.ts';
import { formatMeasurement } from './report.ts';
import { measureRoundTrips } from './round-trips.ts';
import { tidy } from './tidy.ts';

const measurements: Readonly<Record<string, (plan: Plan) => Promise<Measurement>>> = {
  logins: measureLogins,
  records: measureRecords,
  e2e: measureEndToEnd,
  roundtrip: measureRoundTrips,
  flood: measureFloods,
  idle: measureIdle,
};
const names = Object.keys(measurements);
/** The memory takes as long as all the rest. */
const usual = names.filter((name) => name !== 'idle');
const fewestBlocks = 10;

const help = `Usage: npm run bench -- [options]

  --blocks N     rounds of interleaved blocks, at least ${fewestBlocks} (default: 15)
  --only NAME    one of ${names.join(', ')}; may be repeated (default: all but idle)
  --json         one JSON object on stdout
`;

const usageExitCode = 64;

class UsageError extends Error {}

function readArguments() {
  const { values } = parsed();
  const blocks = Number(values.blocks);
  if (!Number.isInteger(blocks) || blocks < fewestBlocks) {
    throw new UsageError(`--blocks is a number from ${fewestBlocks} on, not ${values.blocks}`);
  }
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no measurement ${unknown}`);
  return { ...values, blocks };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        blocks: { type: 'string', default: '15' },
        only: { type: 'string', multiple: true, default: usual },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(String(cause), { cause });
  }
}

async function main(): Promise<void> {
  const { blocks, only, json, help: isHelp } = readArguments();
  if (isHelp) {
    process.stdout.write(help);
    return;
  }
  const machine = thisMachine();
  if (!json) process.stdout.write(`${machineLine(machine)}\n\n`);
  const results: Measurement[] = [];
  for (const [name, measure] of Object.entries(measurements)) {
    if (!only.includes(name)) continue;
    if (json) process.stderr.write(`measuring ${name}\n`);
    const measurement = await measure({ rounds: blocks, random: Math.random, tidy });
    results.push(measurement);
    if (!json) process.stdout.write(`${formatMeasurement(measurement)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine, blocks, measurements: results })}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${help}`);
  process.exitCode = usageExitCode;
}
