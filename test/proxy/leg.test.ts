// What a leg may keep for company: the acknowledgements of the server leg.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { Leg } from '../../proxy/leg.ts';
import { utf8 } from '../../shared/bytes.ts';
import { clientLimits } from '../../shared/xml/scanner.ts';

function legOn(stream: PassThrough): Leg {
  const leg = new Leg(stream, clientLimits);
  leg.pause();
  return leg;
}

/** A stream that gives back what is written to it, and what it has given so far. */
function echo(): { readonly stream: PassThrough; readonly heard: () => string } {
  const stream = new PassThrough();
  const chunks: Uint8Array[] = [];
  const write = stream.write.bind(stream);
  stream.write = ((bytes: Uint8Array | string) => {
    chunks.push(Buffer.from(bytes));
    return write(bytes);
  }) as typeof stream.write; // as: the leg gives it nothing else
  return { stream, heard: () => Buffer.concat(chunks).toString() };
}

describe('what a leg writes later', () => {
  it('goes before the next write, and only the newest of it', () => {
    const { stream, heard } = echo();
    const leg = legOn(stream);
    leg.writeLater(utf8('<a h="1"/>'));
    leg.writeLater(utf8('<a h="2"/>'));
    assert.equal(heard(), '');
    leg.write('<message/>');
    leg.write('<presence/>');
    assert.equal(heard(), '<a h="2"/><message/><presence/>');
  });

  it('goes by itself when nothing else is written', async () => {
    const { stream, heard } = echo();
    const leg = legOn(stream);
    leg.writeLater(utf8('<a h="3"/>'));
    await once(stream, 'readable');
    assert.equal(heard(), '<a h="3"/>');
  });

  it('goes before the end', () => {
    const { stream, heard } = echo();
    const leg = legOn(stream);
    leg.writeLater(utf8('<a h="4"/>'));
    leg.end('</stream:stream>');
    assert.equal(heard(), '<a h="4"/></stream:stream>');
  });
});
