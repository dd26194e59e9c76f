// Two languages that nobody speaks: `en-XA` is longer than any, `ar-XB` runs from right to left. They are folders beside
// the others and nothing else, so whatever works in them works in a language that is added.

import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

const ACCENTED = { a: 'á', c: 'ç', d: 'ď', e: 'ë', g: 'ğ', i: 'ï', l: 'ł', n: 'ñ', o: 'ö', r: 'ř', s: 'š', t: 'ť', u: 'ü', y: 'ý', z: 'ž' };
/** Letters of about the same sound; what counts is that they join and run the other way. */
const ARABIC = {
  a: 'ا', b: 'ب', c: 'ك', d: 'د', e: 'ې', f: 'ف', g: 'گ', h: 'ھ', i: 'ى', j: 'ج', k: 'ك', l: 'ل', m: 'م', n: 'ن', o: 'و', p: 'پ', q: 'ق',
  r: 'ر', s: 'س', t: 'ت', u: 'ۇ', v: 'ۋ', w: 'ۋ', x: 'خ', y: 'ي', z: 'ز',
};

/** Changes the words of a text and leaves what is filled in, names and forms by number included. */
const spoken = (text, change) =>
  text.replace(/\{(\w+)\|([^}]*)\}|\{\w+\}|[^{]+/g, (part, name, forms) => {
    if (name) return `{${name}|${forms.replace(/=([^|]*)/g, (_, word) => `=${change(word)}`)}}`;
    return part.startsWith('{') ? part : change(part);
  });
const lettered = (letters) => (words) => words.replace(/[a-z]/gi, (letter) => letters[letter.toLowerCase()] ?? letter);

/** A third longer, as translations from English are, and in longer words. */
const longer = (words) => lettered(ACCENTED)(words).replace(/\p{L}{4,}/gu, (word) => word + word.slice(-Math.ceil(word.length / 3)));

const PSEUDO = {
  'en-XA': { line: 'en-XA|Ëñğłïšħ, longer|ltr|, |¥{}|', change: longer },
  'ar-XB': { line: 'ar-XB|ئېنگلىش|rtl|، |¥{}|', change: lettered(ARABIC) },
};
export const LANGUAGES = Object.keys(PSEUDO);

/** A copy of the page that speaks these as well; `made` is the folder of the build. */
export async function withPseudo(made = process.env.DIST ?? 'dist') {
  const dist = join(root, 'target/pseudo', String(process.pid));
  await mkdir(dist, { recursive: true });
  await cp(resolve(root, made), dist, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
  const english = JSON.parse(await readFile(join(dist, 'locales/en.json'), 'utf8'));
  for (const [tag, { change }] of Object.entries(PSEUDO)) {
    await writeFile(join(dist, `locales/${tag}.json`), JSON.stringify(english.map((text) => spoken(text, change))));
  }
  const lines = Object.values(PSEUDO).map(({ line }) => line);
  for (const page of (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.html'))) {
    const html = await readFile(join(dist, page), 'utf8');
    await writeFile(join(dist, page), html.replace(/(<meta name="languages" content="[^"]*)/, `$1;${lines.join(';')}`));
  }
  return { dist, remove: () => rm(dist, { recursive: true, force: true }) };
}
