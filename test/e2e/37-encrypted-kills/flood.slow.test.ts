// The flood of the issue: 5,000 messages, and kill -9 twenty times.
import { needs } from '../../run/needs.ts';
import { floodTest } from './flood-test.ts';

describe('37 encrypted: kill -9 twenty times in a flood of 5,000', function () {
  needs('prosody');
  floodTest({ messages: 5000, kills: 20, timeoutMs: 1_200_000 });
});
