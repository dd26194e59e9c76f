// How much of a picture changes enough to be noticed.

import { inflateSync } from 'node:zlib';

/** The pixels of a screenshot: PNG of 8 bits a channel, with or without alpha, not interlaced. */
export function pixels(png) {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = { 2: 3, 6: 4 }[png[25]];
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return { width, height, channels, bytes: unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels) };
}

function unfilter(raw, row, height, step) {
  const bytes = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const left = x >= step ? bytes[y * row + x - step] : 0;
      const above = y > 0 ? bytes[(y - 1) * row + x] : 0;
      const corner = x >= step && y > 0 ? bytes[(y - 1) * row + x - step] : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      bytes[y * row + x] = raw[y * (row + 1) + 1 + x] + guess;
    }
  }
  return bytes;
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((one) => Math.abs(guess - one));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

const linear = Array.from({ length: 256 }, (_, byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));

const luminance = ({ bytes, channels }, at) =>
  0.2126 * linear[bytes[at * channels]] + 0.7152 * linear[bytes[at * channels + 1]] + 0.0722 * linear[bytes[at * channels + 2]];

/** How many pixels of two pictures of one size stand 3:1 against each other. */
export function changed(one, two) {
  let count = 0;
  for (let at = 0; at < one.width * one.height; at += 1) {
    const [low, high] = [luminance(one, at), luminance(two, at)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) >= 3) count += 1;
  }
  return count;
}
