// Makes photos small: at most `edge` pixels wide and high, as JPEG. What the camera wrote beside the
// picture (place, time, device) does not survive it. Runs as a worker; where a worker has no canvas,
// the page imports this file and calls `onething.shrink` itself.
//
// In: { id, file, edge, quality, turn }. Out: { id, blob, width, height } or { id, problem }.

(() => {
  const alone = typeof document === 'undefined';

  /** Segments of a JPEG up to where the picture itself begins: [marker, from, to]. */
  const segments = (view) => {
    const found = [];
    for (let at = 2; at + 4 <= view.byteLength; ) {
      const marker = view.getUint16(at);
      if (marker < 0xffc0 || marker === 0xffda || marker === 0xffff) break;
      const end = at + 2 + view.getUint16(at + 2);
      found.push([marker, at, end]);
      at = end;
    }
    return found;
  };

  /** Width and height before any turning, read from the head of a JPEG or PNG; undefined when unsure. */
  const measure = async (file) => {
    const view = new DataView(await new Response(file.slice(0, 1 << 19)).arrayBuffer());
    if (view.byteLength < 24) return undefined;
    if (view.getUint32(0) === 0x89504e47) return [view.getUint32(16), view.getUint32(20)];
    if (view.getUint16(0) !== 0xffd8) return undefined;
    // SOF0 to SOF15 without the tables that lie between them.
    const frame = segments(view).find(([marker]) => marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker));
    return frame && frame[1] + 9 <= view.byteLength ? [view.getUint16(frame[1] + 7), view.getUint16(frame[1] + 5)] : undefined;
  };

  /** A picture that can be drawn, upright. */
  const decode = async (file, edge, size) => {
    if (!alone) {
      // The engines that come here turn an image as EXIF says, but not always a bitmap.
      const image = new Image();
      image.src = URL.createObjectURL(file);
      try {
        await image.decode();
      } finally {
        URL.revokeObjectURL(image.src);
      }
      return image;
    }
    const options = { imageOrientation: 'from-image' };
    // One side only: engines differ on whether they turn or shrink first, and the other side then
    // follows in proportion either way.
    if (size && Math.max(...size) > edge) Object.assign(options, { resizeQuality: 'high', [size[0] > size[1] ? 'resizeWidth' : 'resizeHeight']: edge });
    // Engines that do not know an option refuse it.
    return createImageBitmap(file, options).catch(() => createImageBitmap(file));
  };

  /** A JPEG without EXIF, XMP, IPTC and comments: some engines write EXIF of their own. */
  const bare = async (blob) => {
    const bytes = await new Response(blob).arrayBuffer();
    const dropped = segments(new DataView(bytes)).filter(([marker]) => [0xffe1, 0xffed, 0xfffe].includes(marker));
    if (!dropped.length) return blob;
    const parts = [];
    let from = 0;
    for (const [, at, end] of dropped) {
      parts.push(new Uint8Array(bytes, from, at - from));
      from = end;
    }
    return new Blob([...parts, new Uint8Array(bytes, from)], { type: 'image/jpeg' });
  };

  const shrink = async ({ id, file, edge = 2560, quality = 0.82, turn = 0 }) => {
    if (alone && (typeof OffscreenCanvas === 'undefined' || typeof createImageBitmap === 'undefined' || !new OffscreenCanvas(1, 1).getContext('2d'))) {
      return { id, problem: 'unsupported' };
    }
    let picture;
    let canvas;
    try {
      const size = await measure(file).catch(() => undefined);
      picture = await decode(file, edge, size);
      let [wide, high] = [picture.naturalWidth || picture.width, picture.naturalHeight || picture.height];
      // What was shrunk already has rounded sides: the proportion of the original counts.
      if (size) [wide, high] = wide > high === size[0] > size[1] ? size : [size[1], size[0]];
      const scale = Math.min(1, edge / Math.max(wide, high));
      const [across, down] = [wide, high].map((side) => Math.max(1, Math.round(side * scale)));
      const [width, height] = turn % 180 ? [down, across] : [across, down];
      canvas = alone ? new OffscreenCanvas(width, height) : Object.assign(document.createElement('canvas'), { width, height });
      // Drawn once, read once: a round trip to the graphics card would only cost.
      const pen = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, width, height);
      pen.imageSmoothingQuality = 'high';
      pen.translate(width / 2, height / 2);
      pen.rotate((turn * Math.PI) / 180);
      pen.drawImage(picture, -across / 2, -down / 2, across, down);
      if (picture.close) picture.close();
      const type = 'image/jpeg';
      const drawn = await (alone ? canvas.convertToBlob({ type, quality }) : new Promise((resolve) => canvas.toBlob(resolve, type, quality)));
      if (!drawn || drawn.type !== type) return { id, problem: 'unsupported' };
      return { id, blob: await bare(drawn), width, height };
    } catch (error) {
      return { id, problem: 'undecodable' };
    } finally {
      if (picture && picture.close) picture.close();
      // Gives the pixels back now, not when the garbage is collected.
      if (canvas) canvas.width = canvas.height = 0;
    }
  };

  // One after the other: five photos at once would be hundreds of megabytes of pixels.
  let last = Promise.resolve();
  const inTurn = (message) => (last = last.then(() => shrink(message)).catch(() => ({ id: message.id, problem: 'unsupported' })));
  if (alone) self.onmessage = async ({ data }) => self.postMessage(await inTurn(data));
  else (window.onething = window.onething || {}).shrink = inTurn;
})();
