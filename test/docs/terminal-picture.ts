// Draws what a terminal shows, as an SVG for the pages of docs/guide.
import { escapeText } from '../../shared/xml/write.ts';

const lineHeight = 17;
const characterWidth = 7.25;
const padding = 14;

/** The window, without the empty lines at its end. */
export function terminalPicture(screen: string, label: string): string {
  const lines = screen.trimEnd().split('\n');
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * characterWidth + 2 * padding);
  const height = lines.length * lineHeight + 2 * padding;
  const row = (line: string, at: number): string =>
    `<text x="${padding}" y="${padding + 13 + at * lineHeight}" xml:space="preserve">${escapeText(line.trimEnd())}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<rect width="100%" height="100%" rx="6" fill="#0d1117"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="12" fill="#e6edf3">
${lines.map(row).join('\n')}
</g>
</svg>
`;
}
