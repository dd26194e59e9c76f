// Holds everything a browser gets against what the oldest engines can do: `node e2e/engines/check.mjs dist`.
// What is below the floor and does no harm there is named in guarded.json, with the reason.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

import { apis, ownNames } from './apis.mjs';
import { ENGINES, FLOOR, lacking } from './data.mjs';
import { styles } from './styles.mjs';
import { syntax } from './syntax.mjs';
import { parse } from './tree.mjs';
import { wasm } from './wasm.mjs';

/** A file's name without the digest in it. */
const plain = (name) => name.replace(/-[0-9a-f]{16}(?=[._])/g, '');
const fits = (pattern, name) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`).test(name);

/** Scripts and sheets that stand in a page; `type` is empty for a plain script. */
function* inline(html) {
  const text = html.replace(/<!--[\s\S]*?-->/g, '');
  for (const [, attributes, body] of text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    const type = /\btype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1].toLowerCase() ?? '';
    yield { tag: 'script', type, body };
  }
  for (const [, body] of text.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style>/gi)) yield { tag: 'style', body };
}

const SCRIPTS = ['', 'module', 'text/javascript', 'application/javascript'];

/** Everything to check in a folder, each text once. */
async function sources(dist) {
  const found = { wasm: new Map(), scripts: new Map(), styles: new Map(), types: new Map() };
  const once = (map, name, body) => body.length && ![...map.values()].includes(body) && map.set(name, body);
  const names = (await readdir(dist, { recursive: true })).sort();
  for (const name of names) {
    const read = () => readFile(join(dist, name), 'utf8');
    if (name.endsWith('.wasm')) found.wasm.set(name, await readFile(join(dist, name)));
    else if (/\.m?js$/.test(name)) once(found.scripts, name, await read());
    else if (name.endsWith('.css')) once(found.styles, name, await read());
    else if (name.endsWith('.html')) {
      for (const { tag, type, body } of inline(await read())) {
        if (tag === 'style') once(found.styles, name, body);
        else {
          if (lacking(`html.elements.script.type.${type}`)) found.types.set(type, name);
          if (SCRIPTS.includes(type)) once(found.scripts, name, body);
        }
      }
    }
  }
  return found;
}

/** Checks a folder; `guarded` is a list of `{ key, in, why }`. */
export async function check(dist, guarded) {
  const found = await sources(dist);
  const counts = {};
  const findings = [];
  const run = (kind, files, judge) => {
    const seen = new Set();
    for (const [name, body] of files) {
      const file = plain(name);
      try {
        const result = judge(body, name);
        for (const key of result.seen) seen.add(key);
        findings.push(...result.findings.map((one) => ({ kind, file, ...one })));
      } catch (error) {
        findings.push({ kind, file, key: 'unreadable', engines: ENGINES, what: error.message });
      }
    }
    counts[kind] = { files: files.size, features: seen.size };
  };

  const others = new Set();
  run('wasm', found.wasm, (bytes) => {
    const result = wasm(bytes);
    for (const name of result.exports) others.add(name);
    return result;
  });
  run('syntax', found.scripts, (text) => {
    const result = syntax(text);
    for (const name of ownNames(parse(text)).all) others.add(name);
    return result;
  });
  run('apis', found.scripts, (text) => apis(text, others));
  run('styles', found.styles, styles);
  run('types', found.types, (name, type) => {
    const key = `html.elements.script.type.${type}`;
    const engines = lacking(key);
    return { seen: [key], findings: engines.length ? [{ key, engines, what: `in ${name}` }] : [] };
  });
  for (const kind of ['wasm', 'scripts', 'styles']) {
    if (!found[kind].size) findings.push({ kind, file: dist, key: 'nothing', engines: ENGINES, what: `no ${kind} to check` });
  }

  const idle = new Set(guarded.flatMap((one) => one.in.map((pattern) => `${one.key} in ${pattern}`)));
  const harmless = ({ key, file }) =>
    guarded
      .filter((one) => one.key === key)
      .flatMap((one) => one.in.filter((pattern) => fits(pattern, file)))
      .map((pattern) => idle.delete(`${key} in ${pattern}`)).length > 0;
  const bad = findings.filter((one) => !harmless(one));
  for (const [kind, count] of Object.entries(counts)) {
    const of = (list) => list.filter((one) => one.kind === kind).length;
    Object.assign(count, { below: of(bad), guarded: of(findings) - of(bad) });
  }
  return { counts, bad, idle: [...idle], nameless: guarded.filter(({ why }) => !why).map(({ key }) => key) };
}

const where = (place) => (typeof place === 'string' ? ` ${place}` : place ? `:${place.line}:${place.column}` : '');

async function main(dist) {
  const guarded = JSON.parse(await readFile(new URL('guarded.json', import.meta.url), 'utf8'));
  const { counts, bad, idle, nameless } = await check(dist, guarded);
  const floor = Object.entries(FLOOR).map(([engine, version]) => `${engine} ${version}`);
  console.log(`Held against ${floor.join(', ')}:`);
  console.table(counts);
  for (const { kind, file, place, key, what, engines } of bad) {
    const missing = engines.map((engine) => `${engine} ${FLOOR[engine]}`).join(', ');
    console.error(`${kind}: ${file}${where(place)}: ${key}: not in ${missing}: ${what.replace(/\s+/g, ' ')}`);
  }
  for (const one of idle) console.error(`guarded.json: ${one}: is not needed any more`);
  for (const one of nameless) console.error(`guarded.json: ${one}: gives no reason`);
  return bad.length + idle.length + nameless.length === 0;
}

if (argv[1] === fileURLToPath(import.meta.url)) exit((await main(argv[2] ?? 'dist')) ? 0 : 1);
