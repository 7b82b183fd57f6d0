// A picture on a terminal that is drawn again in place, without flicker and
// without leaving the cursor hidden, whatever ends the program.

/** What of a terminal is needed. */
export interface Terminal {
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

const home = '\u001b[H';
const clearAll = '\u001b[2J';
const clearToEndOfLine = '\u001b[K';
const clearBelow = '\u001b[J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

export class LiveScreen implements Disposable {
  readonly #terminal: Terminal;
  #isFirst = true;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws these lines in place of the last ones; what has no room is left out, with a word about it. */
  draw(lines: readonly string[]): void {
    const { rows = 24, columns = 80 } = this.#terminal;
    const room = rows - 1;
    const fitting = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
    const text = fitting.map((line) => cut(line, columns) + clearToEndOfLine).join('\n');
    this.#terminal.write(`${this.#isFirst ? hideCursor + clearAll : ''}${home}${text}\n${clearBelow}`);
    this.#isFirst = false;
  }

  [Symbol.dispose](): void {
    if (!this.#isFirst) this.#terminal.write(showCursor);
  }
}

/** A longer line would wrap and push the picture up. */
function cut(line: string, columns: number): string {
  const characters = Array.from(line);
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`;
}
