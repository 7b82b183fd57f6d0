// Pictures of an X server's screen. Xvfb keeps it in a file in the format of xwd
// (X11/XWDFile.h); out of it come a PNG for people and an enlarged grey picture
// for the program that reads letters.
import { crc32, deflateSync } from 'node:zlib';

/** Rows of pixels, three bytes each: red, green, blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const headerFields = { headerSize: 0, width: 4, height: 5, bitsPerPixel: 11, bytesPerLine: 12, colours: 19 };
const colourBytes = 12;

/** The picture in Xvfb's file, cut to its upper left corner if a size is given. */
export function readXwd(file: Uint8Array, size: { readonly width?: number; readonly height?: number } = {}): Picture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const field = (name: keyof typeof headerFields): number => view.getUint32(headerFields[name] * 4);
  if (field('bitsPerPixel') !== 32) throw new Error('not a screen of 24 bits in 32');
  const start = field('headerSize') + field('colours') * colourBytes;
  const width = Math.min(size.width ?? Infinity, field('width'));
  const height = Math.min(size.height ?? Infinity, field('height'));
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Little endian: blue, green, red, nothing.
      const from = start + y * field('bytesPerLine') + x * 4;
      const to = (y * width + x) * 3;
      pixels[to] = file[from + 2] ?? 0;
      pixels[to + 1] = file[from + 1] ?? 0;
      pixels[to + 2] = file[from] ?? 0;
    }
  }
  return { width, height, pixels };
}

/** PNG (RFC 2083): true colour, without filters. */
export function encodePng({ width, height, pixels }: Picture): Buffer {
  const line = width * 3;
  const raw = Buffer.alloc((line + 1) * height);
  for (let y = 0; y < height; y++) raw.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = deflateSync(raw, { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', body), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** PGM: grey, and as many times larger as letters of a screen need to be read. */
export function encodeEnlarged({ width, height, pixels }: Picture, times: number): Buffer {
  const line = width * times;
  const grey = Buffer.alloc(line * height * times);
  for (let y = 0; y < height * times; y++) {
    for (let x = 0; x < line; x++) {
      const from = (Math.floor(y / times) * width + Math.floor(x / times)) * 3;
      const [red = 0, green = 0, blue = 0] = pixels.subarray(from, from + 3);
      grey[y * line + x] = (red * 2 + green * 5 + blue) >> 3;
    }
  }
  return Buffer.concat([Buffer.from(`P5\n${line} ${height * times}\n255\n`, 'latin1'), grey]);
}
