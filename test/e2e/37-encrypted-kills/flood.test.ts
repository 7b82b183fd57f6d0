// Three kills in a flood of 500 messages; twenty in 5,000 are in flood.slow.test.ts.
import { needs } from '../../run/needs.ts';
import { floodTest } from './flood-test.ts';

describe('37 encrypted: kill -9 in a flood', function () {
  needs('prosody');
  floodTest({ messages: 500, kills: 3, timeoutMs: 120_000 });
});
