// `npm run bench`: what SIMPP costs, beside what it could be compared with.
import { parseArgs } from 'node:util';

import { measureLogins } from './logins.ts';
import { machineLine, thisMachine } from './machine.ts';
import type { Choices, Measurement } from './measurement.ts';
import { measureRecords } from './records.ts';
import { formatMeasurement } from './report.ts';
import { measureRoundTrips } from './round-trips.ts';

const measurements: Readonly<Record<string, (choices: Choices) => Promise<Measurement>>> = {
  logins: measureLogins,
  records: measureRecords,
  roundtrip: measureRoundTrips,
};
const names = Object.keys(measurements);
const fewestBlocks = 10;

const help = `Usage: npm run bench -- [options]

  --blocks N     rounds of interleaved blocks, at least ${fewestBlocks} (default: 15)
  --only NAME    one of ${names.join(', ')}; may be repeated (default: all)
  --json         one JSON object on stdout
`;

class UsageError extends Error {}

function readArguments() {
  const { values } = parseArgs({
    options: {
      blocks: { type: 'string', default: '15' },
      only: { type: 'string', multiple: true, default: names },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const blocks = Number(values.blocks);
  if (!Number.isInteger(blocks) || blocks < fewestBlocks) {
    throw new UsageError(`--blocks is a number from ${fewestBlocks} on, not ${values.blocks}`);
  }
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no measurement ${unknown}`);
  return { ...values, blocks };
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
    const measurement = await measure({ blocks, random: Math.random });
    results.push(measurement);
    if (!json) process.stdout.write(`${formatMeasurement(measurement)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine, blocks, measurements: results })}\n`);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(isUsage ? `${error.message}\n\n${help}` : `${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = isUsage ? 64 : 1;
}
