import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

import { encodeEnlarged, encodePng, readXwd } from './screenshot.ts';

/** Two columns, two rows and a line of padding, as Xvfb writes them: red, green, blue, white. */
function xwd(): Uint8Array {
  const file = Buffer.alloc(100 + 12 + 2 * 12);
  const fields = { 0: 100, 4: 2, 5: 2, 11: 32, 12: 12, 19: 1 };
  for (const [index, value] of Object.entries(fields)) file.writeUInt32BE(value, Number(index) * 4);
  const rows = ['0000ff0000ff000000000000', 'ff000000ffffff0000000000'];
  file.set(Buffer.from(rows.join(''), 'hex'), 112);
  return file;
}

describe('a screenshot', () => {
  it('is read from the file of Xvfb, whole or its corner', () => {
    const { width, height, pixels } = readXwd(xwd());
    assert.deepEqual([width, height], [2, 2]);
    assert.equal(Buffer.from(pixels).toString('hex'), 'ff000000ff000000ffffffff');
    assert.equal(Buffer.from(readXwd(xwd(), { height: 1 }).pixels).toString('hex'), 'ff000000ff00');
  });

  it('is written as PNG: the right chunks around filtered, deflated lines', () => {
    const png = encodePng(readXwd(xwd()));
    assert.equal(png.subarray(12, 16).toString(), 'IHDR');
    assert.equal(png.subarray(16, 29).toString('hex'), '00000002000000020802000000');
    const at = png.indexOf('IDAT');
    const body = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
    assert.equal(inflateSync(body).toString('hex'), '00ff000000ff00000000ffffffff');
    assert.equal(png.subarray(-12).toString('hex'), '0000000049454e44ae426082');
  });

  it('is enlarged for reading, in grey', () => {
    const pgm = encodeEnlarged(readXwd(xwd(), { height: 1 }), 2);
    assert.equal(pgm.toString('latin1', 0, 11), 'P5\n4 2\n255\n');
    assert.equal(pgm.subarray(11).toString('hex'), '3f3f9f9f'.repeat(2));
  });
});
