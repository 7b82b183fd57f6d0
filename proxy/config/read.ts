// Reads a TOML file against a schema. Syntax errors, unknown keys, wrong
// types and bad values all become ConfigProblems with file, line and column.

import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { SimppError } from '../../shared/errors.ts';
import { issueTexts } from './issue-text.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { tomlPositions, type TomlPath, type TomlPositions } from './toml-positions.ts';

const maxConfigBytes = 1024 * 1024;

/** Reads and checks a file; undefined when it does not exist; throws ConfigError with all problems. */
export function readConfigFile<Schema extends z.ZodObject>(file: string, schema: Schema): z.output<Schema> | undefined {
  const text = readText(file);
  return text === undefined ? undefined : parseConfig(text, file, schema);
}

/** Checks the text of a file; throws ConfigError with all problems. */
export function parseConfig<Schema extends z.ZodObject>(text: string, file: string, schema: Schema): z.output<Schema> {
  const document = parseToml(text, file);
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const positions = tomlPositions(text);
  const problems = result.error.issues.flatMap((issue) =>
    issueTexts(issue, document, keysAt(schema, issue.path)).map(({ path, text: words }): ConfigProblem => {
      const position = nearestPosition(positions, path);
      const place = position === undefined ? {} : { line: position.line, column: position.column };
      return { file, ...place, ...(path.length === 0 ? {} : { key: formatKey(path) }), text: words };
    }),
  );
  throw new ConfigError(problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

/** A file's text; undefined when it does not exist. */
export function readText(file: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > maxConfigBytes) throw new ConfigError([{ file, text: 'the file is larger than 1 MiB' }]);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError) throw new ConfigError([{ file, text: 'the file is not UTF-8 text' }]);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new SimppError('config-invalid', `${file}: the file cannot be read.`, { cause: error });
  }
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text, { unsafeKeyBehaviour: 'throw', maxDepth: 32 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The first line says what; the rest draws the place, which line and column already say.
    const what = error.message.split('\n', 1)[0]!.replace(/^Invalid TOML document: /, '');
    const { line, column } = error;
    throw new ConfigError([{ file, line, column, text: `not valid TOML: ${what}${quotesHint(text, line)}` }]);
  }
}

/** The most frequent slip: text without quotes. */
function quotesHint(text: string, line: number): string {
  const written = text.split('\n')[line - 1] ?? '';
  const isBare =
    /^\s*[\w.-]+\s*=\s*[^"'[{\s#]/.test(written) && !/=\s*(?:true|false|[+-]?[\d_.]+)\s*(?:#.*)?$/.test(written);
  return isBare ? ' (text needs quotes)' : '';
}

/** The place of a path, or of the innermost table around it that is written down. */
function nearestPosition(positions: TomlPositions, path: TomlPath): { line: number; column: number } | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const position = positions.find(path.slice(0, depth));
    if (position !== undefined) return position;
  }
  return undefined;
}

function keysAt(schema: z.ZodObject, path: TomlPath): readonly string[] {
  let at: unknown = schema;
  for (const step of path) {
    const shape = shapeOf(at);
    if (shape === undefined) return [];
    at = typeof step === 'string' ? shape[step] : undefined;
  }
  return Object.keys(shapeOf(at) ?? {});
}

/** The shape of an object schema, also inside optional and default. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  let inner = schema as { shape?: Readonly<Record<string, unknown>>; def?: { innerType?: unknown } } | undefined;
  while (inner !== undefined && inner.shape === undefined) inner = inner.def?.innerType as typeof inner;
  return inner?.shape;
}

function formatKey(path: TomlPath): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === 'number') return `${key}[${step}]`;
    const name = /^[A-Za-z0-9_-]+$/.test(String(step)) ? String(step) : JSON.stringify(String(step));
    return key === '' ? name : `${key}.${name}`;
  }, '');
}
