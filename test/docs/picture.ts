// Draws docs/pictures/try.svg: a real run of the try-out world, as a terminal
// shows it. `node test/docs/picture.ts` makes it anew.
import { writeFile } from 'node:fs/promises';
import { escapeText } from '../../shared/xml/write.ts';
import { listenIn } from '../../proxy/try/overhearing.ts';
import { Screen } from '../../proxy/try/screen.ts';
import { watch } from '../../proxy/try/main.ts';
import { talk } from '../../proxy/try/talk.ts';
import { openWorld } from '../../proxy/try/world.ts';

const columns = 118;
const lineHeight = 19;
const characterWidth = 7.85;
const padding = 18;
const shownRows = 26;

function colour(line: string, side: 'left' | 'right'): string {
  if (side === 'left') return '#7ee787';
  return line.includes('<') ? '#d29922' : '#8b949e';
}

function row(line: string, at: number): string {
  const y = padding + 14 + at * lineHeight;
  const text = (x: number, content: string, fill: string): string =>
    `<text x="${x}" y="${y}" fill="${fill}" xml:space="preserve">${escapeText(content.trimEnd())}</text>`;
  const cut = line.indexOf('│');
  if (cut < 0) return text(padding, line, at === 0 ? '#e6edf3' : '#6e7681');
  const left = line.slice(0, cut);
  const right = line.slice(cut + 1);
  const isHeading = line.startsWith('what people say');
  const at2 = padding + (cut + 1) * characterWidth;
  return [
    text(padding, left, isHeading ? '#e6edf3' : colour(left, 'left')),
    text(padding + cut * characterWidth, '│', '#6e7681'),
    text(at2, right, isHeading ? '#e6edf3' : colour(right, 'right')),
  ].join('');
}

const lines: string[] = ['$ npm start -- --once', ''];
await using world = await openWorld({ domain: 'example.test', clientPort: 0 });
const screen = new Screen({ columns, isColoured: false, write: (line) => void lines.push(line) });
screen.heading();
watch(world, screen);
const said = await talk(world);
const words = listenIn(world, said);

// The opening handshake and the conversation; the logins between them are left out.
const opening = lines.slice(0, 12);
const firstWords = lines.findIndex((line) => line.includes('alice → bob'));
const conversation = lines.slice(firstWords - 1, firstWords - 1 + shownRows - opening.length - 1);
const shown = [
  ...opening,
  `${' '.repeat(Math.floor(columns / 2) - 8)}⋮`,
  ...conversation,
  '',
  `Of ${words.said} words and names, ${words.onLoopback} were found between the clients and the proxy, and ${words.onWire} in the ${words.wireBytes} bytes on the wire.`,
];
const width = Math.ceil(columns * characterWidth + 2 * padding);
const height = shown.length * lineHeight + 2 * padding;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="What people say, and what passes on the wire">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13">
${shown.map(row).join('\n')}
</g>
</svg>
`;
await writeFile(new URL('../../docs/pictures/try.svg', import.meta.url), svg);
