// The live picture: what people say on the left, what passes on the wire on the
// right, line by line, so that it can be scrolled, piped and kept.
import { styleText } from 'node:util';
import { toHex } from '../../shared/bytes.ts';
import { printable } from '../log.ts';
import type { Said } from './talk.ts';
import type { Direction } from './wire-tap.ts';

/** Where the picture goes. */
export interface Canvas {
  readonly columns: number;
  readonly isColoured: boolean;
  write(line: string): void;
}

const minColumns = 60;
const gap = ' │ ';

/** Cuts a text to a width, marking what is missing. */
function fit(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text.padEnd(width + text.length - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

/** Breaks a text into lines of at most a width, between words where it can. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const joined = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (joined.length <= width) lines[last] = joined;
    else lines.push(...(word.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? []));
  }
  return lines;
}

/** Draws rows of two columns. */
export class Screen {
  readonly #canvas: Canvas;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
  }

  /** The heading of the two columns. */
  heading(): void {
    const [left, right] = this.#widths();
    this.#row(fit('what people say', left), fit('what passes on the wire', right), 'bold');
    this.#canvas.write(`${'─'.repeat(left + 1)}┼${'─'.repeat(right + 1)}`);
  }

  /** A message that arrived. */
  said({ from, to, text }: Said): void {
    const [left, right] = this.#widths();
    for (const line of wrap(printable(`${local(from)} → ${local(to)}: ${text}`), left)) {
      this.#row(fit(line, left), fit('', right), 'green');
    }
  }

  /** Bytes between proxy and gateway. */
  passed(chunk: Uint8Array, direction: Direction): void {
    const [left, right] = this.#widths();
    const head = `${direction === 'up' ? '→' : '←'} ${String(chunk.length).padStart(5)} B  `;
    const text = readable(chunk);
    const shown = text ?? toHex(chunk.subarray(0, Math.ceil(right / 2))).replace(/(.{8})/g, '$1 ');
    this.#row(fit('', left), fit(head + shown, right), text === undefined ? 'gray' : 'yellow');
  }

  /** What the server is given to read: of messages, the part that people wrote. */
  given(chunk: Uint8Array): void {
    const [left, right] = this.#widths();
    for (const text of contentsOf(chunk)) {
      this.#row(fit('', left), fit(`the server reads  ${printable(text)}`, right), 'magenta');
    }
  }

  #widths(): readonly [left: number, right: number] {
    const columns = Math.max(this.#canvas.columns, minColumns) - gap.length;
    const left = Math.floor(columns * 0.45);
    return [left, columns - left];
  }

  #row(left: string, right: string, style: 'bold' | 'green' | 'gray' | 'yellow' | 'magenta'): void {
    const paint = (text: string): string =>
      this.#canvas.isColoured ? styleText(style, text, { validateStream: false }) : text;
    this.#canvas.write(`${paint(left)}${gap}${paint(right).trimEnd()}`);
  }
}

/** Bodies, and what stands in their place when they are encrypted, as far as one chunk has them whole. */
function contentsOf(chunk: Uint8Array): readonly string[] {
  const text = Buffer.from(chunk).toString('utf8');
  return [...text.matchAll(/<(?:encrypted|body)[ >][^]*?(?:<\/(?:encrypted|body)>|$)/g)].map(([found]) => found);
}

const local = (jid: string): string => jid.split('@', 1)[0] ?? '';

/** Before the switch to records, the outer stream is text and shown as such. */
function readable(chunk: Uint8Array): string | undefined {
  const text = Buffer.from(chunk).toString('latin1');
  return /^[\x20-\x7e\s]+$/.test(text) ? text.replace(/\s+/g, ' ') : undefined;
}
