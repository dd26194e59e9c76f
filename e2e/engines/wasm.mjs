// Which features a WebAssembly module uses: its sections, types and every instruction are read. What is not known is a
// feature of its own, which no engine has.

import { ENGINES, surely } from './data.mjs';

const F = {
  atomics: 'threads-and-atomics',
  bulk: 'bulk-memory-operations',
  constants: 'extended-constant-expressions',
  exceptions: 'exception-handling',
  gc: 'garbage-collection',
  i64: 'BigInt-to-i64-integration',
  large: 'memory64',
  mutable: 'api.Global.Global.mutable',
  references: 'reference-types',
  saturating: 'non-trapping-float-to-int-conversions',
  sign: 'sign-extension-operations',
  simd: 'fixed-width-SIMD',
  tail: 'tail-calls',
  tags: 'exceptionsFinal',
  typed: 'typedFunctionReferences',
  values: 'multi-value',
  memories: 'multiMemory',
};

class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }
  byte() {
    if (this.at >= this.end) throw new Error(`ends too early at ${this.at}`);
    return this.bytes[this.at++];
  }
  /** LEB128; no index we compare is longer than 32 bits. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
  skip(count) {
    this.at += count;
  }
  part(length = this.number()) {
    const from = this.at;
    this.at += length;
    if (this.at > this.end) throw new Error(`ends too early at ${from}`);
    return new Reader(this.bytes, from, this.at);
  }
  text() {
    const { at, end } = this.part();
    return new TextDecoder().decode(this.bytes.subarray(at, end));
  }
  list(read) {
    return Array.from({ length: this.number() }, () => read());
  }
}

const NUMBERS = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };

/** Opcodes whose immediates need more than a word: what they mean is said in `instruction`. */
const PLAIN = (code) => code <= 0x01 || code === 0x05 || code === 0x0f || code === 0x1a || code === 0x1b || (code >= 0x45 && code <= 0xbf);
const INDEXED = new Set([0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24]);
const LATER = { 0x06: F.exceptions, 0x07: F.exceptions, 0x08: F.exceptions, 0x09: F.exceptions, 0x18: F.exceptions, 0x19: F.exceptions };
Object.assign(LATER, { 0x0a: F.tags, 0x1f: F.tags, 0x12: F.tail, 0x13: F.tail, 0x14: F.typed, 0x15: F.typed, 0xd3: F.gc, 0xd4: F.typed });
Object.assign(LATER, { 0xd5: F.typed, 0xd6: F.typed, 0xfb: F.gc, 0xfd: F.simd, 0xfe: F.atomics });

/** Features by name, each with the place it was first seen; and the names a module exports. */
export function used(bytes) {
  const found = new Map();
  const exports = [];
  const note = (feature, place) => found.has(feature) || found.set(feature, place);
  const file = new Reader(bytes);
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== 0x0061736d || bytes[4] !== 1) throw new Error('no WebAssembly 1 module');
  file.skip(8);
  const types = [];
  const functions = [];
  const globals = [];
  let memories = 0;

  const type = (reader, place) => {
    const code = reader.byte();
    if (NUMBERS[code]) return NUMBERS[code];
    if (code === 0x7b) note(F.simd, place);
    else if (code === 0x70 || code === 0x6f) note(F.references, place);
    else if (code === 0x63 || code === 0x64) {
      note(F.typed, place);
      reader.number();
    } else note(F.gc, place);
    return 'other';
  };
  const limits = (reader, place) => {
    const flags = reader.byte();
    if (flags & 2) note(F.atomics, place);
    if (flags & 4) note(F.large, place);
    if (flags & ~7) note(`limits ${flags}`, place);
    reader.number();
    if (flags & 1) reader.number();
  };
  const table = (reader, place) => {
    if (reader.byte() !== 0x70) note(F.references, place);
    limits(reader, place);
    return place;
  };
  const memory = (reader, place) => {
    limits(reader, place);
    if (memories++) note(F.memories, place);
  };
  const global = (reader, place) => {
    const of = type(reader, place);
    return globals.push({ of, mutable: reader.byte() === 1 });
  };
  /** Numbers of 64 bits cross the border only as BigInt. */
  const border = ({ params, results }, place) => {
    if ([...params, ...results].includes('i64')) note(F.i64, place);
  };
  const borderGlobal = ({ of, mutable }, place) => {
    if (of === 'i64') note(F.i64, place);
    if (mutable) note(F.mutable, place);
  };
  /** A place where the first version demands one zero byte, and later ones take an index. */
  const zero = (reader, feature, place) => {
    const { at } = reader;
    if (reader.number() !== 0 || reader.at - at !== 1) note(feature, place);
  };
  const blockType = (reader, place) => {
    const code = reader.bytes[reader.at];
    if (code === 0x40) reader.byte();
    else if (code & 0x40 && code < 0x80) type(reader, place);
    else {
      note(F.values, place);
      reader.number();
    }
  };
  const aligned = (reader, place) => {
    if (reader.number() & 0x40) {
      note(F.memories, place);
      reader.number();
    }
    reader.number();
  };
  const miscellaneous = (reader, place) => {
    const code = reader.number();
    if (code <= 7) return note(F.saturating, place);
    note(code <= 14 ? F.bulk : code <= 17 ? F.references : `instruction 0xfc ${code}`, place);
    if (code === 10) for (let rest = 2; rest; rest--) zero(reader, F.memories, place);
    else if (code === 11) zero(reader, F.memories, place);
    else if (code === 8) {
      reader.number();
      zero(reader, F.memories, place);
    } else for (let rest = code === 12 || code === 14 ? 2 : 1; rest; rest--) reader.number();
  };

  /** Reads one instruction; says false where the rest cannot be read because it is not of the floor anyway. */
  const instruction = (reader, code, place) => {
    if (PLAIN(code)) return true;
    if (INDEXED.has(code)) reader.number();
    else if (code >= 0x02 && code <= 0x04) blockType(reader, place);
    else if (code >= 0x28 && code <= 0x3e) aligned(reader, place);
    else if (code === 0x41 || code === 0x42) reader.number();
    else if (code === 0x43) reader.skip(4);
    else if (code === 0x44) reader.skip(8);
    else if (code === 0x0e) {
      reader.list(() => reader.number());
      reader.number();
    } else if (code === 0x11) {
      reader.number();
      zero(reader, F.references, place);
    } else if (code === 0x3f || code === 0x40) zero(reader, F.memories, place);
    else if (code >= 0xc0 && code <= 0xc4) note(F.sign, place);
    else if (code === 0xfc) miscellaneous(reader, place);
    else if (code === 0x1c) {
      note(F.references, place);
      reader.list(() => type(reader, place));
    } else if (code === 0x25 || code === 0x26 || code === 0xd0 || code === 0xd2) {
      note(F.references, place);
      reader.number();
    } else if (code === 0xd1) note(F.references, place);
    else {
      note(LATER[code] ?? `instruction 0x${code.toString(16)}`, place);
      return false;
    }
    return true;
  };
  const constant = (reader, place) => {
    for (;;) {
      const code = reader.byte();
      if (code === 0x0b) return;
      if (![0x23, 0x41, 0x42, 0x43, 0x44, 0xd0, 0xd2].includes(code)) note(F.constants, place);
      if (!instruction(reader, code, place)) throw new Error(`${place}: unreadable`);
    }
  };
  const body = (reader, place) => {
    reader.list(() => {
      reader.number();
      type(reader, place);
    });
    while (reader.at < reader.end) {
      const code = reader.byte();
      if (code !== 0x0b && !instruction(reader, code, place)) return;
    }
    if (reader.at !== reader.end) throw new Error(`${place}: unreadable`);
  };
  const element = (reader, place) => {
    const flags = reader.number();
    // Names another table, or is not copied at the start.
    if (flags) note(flags & 4 || flags === 2 ? F.references : F.bulk, place);
    if (flags & 2 && !(flags & 1)) reader.number();
    if (!(flags & 1)) constant(reader, place);
    if (flags & 3) {
      if (flags & 4) type(reader, place);
      else reader.byte();
    }
    reader.list(() => (flags & 4 ? constant(reader, place) : reader.number()));
  };
  const data = (reader, place) => {
    const flags = reader.number();
    if (flags) note(flags === 2 ? F.memories : F.bulk, place);
    if (flags === 2) reader.number();
    if (flags !== 1) constant(reader, place);
    reader.part();
  };
  const signature = (reader, place) => {
    if (reader.byte() !== 0x60) throw new Error(`${place}: not of a function`);
    const [params, results] = [0, 0].map(() => reader.list(() => type(reader, place)));
    if (results.length > 1) note(F.values, place);
    types.push({ params, results });
  };
  const imported = (reader) => {
    const place = `import ${reader.text()}.${reader.text()}`;
    const kind = reader.byte();
    if (kind === 0) border(types[functions[functions.push(reader.number()) - 1]], place);
    else if (kind === 1) tables.push(table(reader, place));
    else if (kind === 2) memory(reader, place);
    else if (kind === 3) borderGlobal(globals[global(reader, place) - 1], place);
    else throw new Error(`${place}: unreadable`);
  };
  const exported = (reader) => {
    const name = reader.text();
    const place = `export ${name}`;
    exports.push(name);
    const kind = reader.byte();
    const index = reader.number();
    if (kind === 0) border(types[functions[index]], place);
    if (kind === 3) borderGlobal(globals[index], place);
  };
  const tables = [];
  const sections = {
    1: (part) => part.list(() => signature(part, `type ${types.length}`)),
    2: (part) => part.list(() => imported(part)),
    3: (part) => part.list(() => functions.push(part.number())),
    4: (part) => part.list(() => tables.push(table(part, `table ${tables.length}`))),
    5: (part) => part.list(() => memory(part, `memory ${memories}`)),
    6: (part) =>
      part.list(() => {
        const place = `global ${globals.length}`;
        global(part, place);
        constant(part, place);
      }),
    7: (part) => part.list(() => exported(part)),
    8: () => undefined,
    9: (part) => part.list(() => element(part, 'element segment')),
    10(part) {
      const own = functions.length - part.number();
      for (let index = own; index < functions.length; index++) body(part.part(), `function ${index}`);
    },
    11: (part) => part.list(() => data(part, 'data segment')),
    12: () => note(F.bulk, 'data count'),
    13: () => note(F.exceptions, 'tags'),
  };
  while (file.at < file.end) {
    const id = file.byte();
    const part = file.part();
    // Custom sections are skipped by every engine.
    if (id === 0) continue;
    if (!sections[id]) note(`section ${id}`, `section ${id}`);
    else sections[id](part);
  }
  if (tables.length > 1) note(F.references, tables[1]);
  return { found, exports };
}

/** What of a module the floor lacks. */
export function wasm(bytes) {
  const seen = [];
  const findings = [];
  const { found, exports } = used(bytes);
  for (const [feature, place] of found) {
    const known = Object.values(F).includes(feature);
    const key = known ? `webassembly.${feature}` : feature;
    const engines = known ? surely(key) : ENGINES;
    seen.push(key);
    if (engines.length) findings.push({ key, place, engines, what: 'used' });
  }
  return { seen, findings, exports };
}
