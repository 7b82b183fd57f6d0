// zod's issues in words that name the expected form and what stands there
// instead. Keys and short values only: configuration holds no secrets.

import type { z } from 'zod';
import { nearest } from './nearest.ts';
import type { TomlPath } from './toml-positions.ts';

type Issue = z.core.$ZodIssue;

/** One problem: where, and what to say. */
export interface IssueText {
  readonly path: TomlPath;
  readonly text: string;
}

/** The problems that one issue stands for; `knownKeys` are the keys allowed at the issue's path. */
export function issueTexts(issue: Issue, document: unknown, knownKeys: readonly string[]): IssueText[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], text: unknownKey(key, knownKeys) }));
  }
  const got = valueAt(document, issue.path);
  const expected = expectedForm(issue);
  if (got === undefined) return [{ path: issue.path, text: `is missing: expected ${expected}` }];
  return [{ path: issue.path, text: `expected ${expected}, got ${describe(got)}${suggestion(issue, got)}` }];
}

function unknownKey(key: string, knownKeys: readonly string[]): string {
  const close = nearest(key, knownKeys);
  if (close !== undefined) return `unknown key; did you mean "${close}"?`;
  return knownKeys.length === 0 ? 'unknown key' : `unknown key: expected one of ${knownKeys.join(', ')}`;
}

function expectedForm(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value));
      return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
    }
    case 'invalid_type':
      // A schema with a form of its own says it as its message.
      return issue.message.startsWith('Invalid input') ? (typeNames[issue.expected] ?? issue.expected) : issue.message;
    case 'too_small':
      return issue.origin === 'array' ? `at least ${issue.minimum} value` : `a number of at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `at most ${issue.maximum} values` : `a number of at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list in brackets',
  object: 'a table',
};

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value instanceof Date ? 'a date' : 'a table';
}

function suggestion(issue: Issue, got: unknown): string {
  if (issue.code !== 'invalid_value' || typeof got !== 'string') return '';
  const close = nearest(
    got,
    issue.values.filter((value) => typeof value === 'string'),
  );
  return close === undefined ? '' : `; did you mean "${close}"?`;
}

function valueAt(document: unknown, path: TomlPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
