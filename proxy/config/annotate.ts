// Annotated TOML: every key of a schema with its meaning and its default;
// keys that have no value yet are there as comments to be filled in.

import { stringify } from 'smol-toml';
import type { z } from 'zod';

const commentWidth = 98;

/** A schema's file with these values; values that are not given are written as comments with their defaults. */
export function annotateToml<Schema extends z.ZodObject>(
  schema: Schema,
  values: NoInfer<z.input<Schema>>,
  heading: string,
): string {
  return `${[comment(heading), ...tableLines(schema, values, '')].join('\n\n')}\n`;
}

/** A key with its value, as TOML. */
export function tomlPair(key: string, value: unknown): string {
  // One line per pair, lists included.
  return Array.isArray(value) ? `${key} = ${tomlList(value)}` : stringify({ [key]: value }).trim();
}

/** A list on one line, as TOML. */
export function tomlList(values: readonly unknown[]): string {
  return `[${values.map((value) => stringify({ v: value }).trim().slice('v = '.length)).join(', ')}]`;
}

function tableLines(schema: z.ZodObject, values: Readonly<Record<string, unknown>>, path: string): string[] {
  const pairs: string[] = [];
  const tables: string[] = [];
  for (const [key, field] of Object.entries(schema.shape)) {
    const { inner, fallback } = unwrap(field);
    const about = field.description === undefined ? '' : `${comment(field.description)}\n`;
    const value = values[key];
    if (isObjectSchema(inner)) {
      const name = path === '' ? key : `${path}.${key}`;
      const [first = '', ...rest] = tableLines(inner, (value ?? {}) as Record<string, unknown>, name);
      tables.push(`${about}[${name}]\n${first}`, ...rest);
    } else if (value !== undefined) {
      pairs.push(`${about}${tomlPair(key, value)}`);
    } else {
      pairs.push(`${about}# ${fallback === undefined ? `${key} =` : tomlPair(key, fallback)}`);
    }
  }
  return [...pairs, ...tables];
}

function unwrap(field: z.ZodType): { inner: z.ZodType; fallback: unknown } {
  let inner = field;
  let fallback: unknown;
  for (;;) {
    const { type, innerType, defaultValue } = inner.def as {
      type: string;
      innerType?: z.ZodType;
      defaultValue?: unknown;
    };
    if (type === 'prefault') fallback = defaultValue;
    if ((type !== 'prefault' && type !== 'optional') || innerType === undefined) return { inner, fallback };
    inner = innerType;
  }
}

function isObjectSchema(schema: z.ZodType): schema is z.ZodObject {
  return schema.def.type === 'object';
}

function comment(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > commentWidth) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}
