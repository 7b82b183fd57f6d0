// Changes one key of the root table in place, so that a person's comments and
// other keys stay as they are.

import { tomlPair } from './annotate.ts';
import { tomlPositions } from './toml-positions.ts';

/** The document with `key = value` in its root table. */
export function setTomlKey(text: string, key: string, value: unknown): string {
  const positions = tomlPositions(text);
  const position = positions.find([key]);
  const pair = tomlPair(key, value);
  if (position !== undefined) {
    const written = pair.slice(pair.indexOf('=') + 1).trim();
    return text.slice(0, position.valueStart) + written + text.slice(position.valueEnd);
  }
  const example = new RegExp(`^# ?${key} =.*$`, 'm').exec(text.slice(0, positions.rootEnd));
  if (example !== null) return text.slice(0, example.index) + pair + text.slice(example.index + example[0].length);
  const before = text.slice(0, positions.rootEnd);
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${pair}\n${text.slice(positions.rootEnd)}`;
}
