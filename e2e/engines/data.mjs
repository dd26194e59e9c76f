// What the oldest engines we promise to run on can do, after browser-compat-data.

import { createRequire } from 'node:module';

export const FLOOR = { chrome: '80', webview_android: '80', safari_ios: '14.5' };
export const ENGINES = Object.keys(FLOOR);

const compat = createRequire(import.meta.url)('@mdn/browser-compat-data');

const reached = (version, floor) => {
  if (typeof version !== 'string' || version === 'preview') return false;
  const [own, least] = [version.replace('≤', ''), floor].map((text) => text.split('.').map(Number));
  return own[0] < least[0] || (own[0] === least[0] && (own[1] ?? 0) <= (least[1] ?? 0));
};

/** How an entry of the data wants the feature to be spelled; undefined when as it is. */
const spelling = ({ prefix, alternative_name }) => prefix ?? alternative_name?.replace(/[:()]/g, '');

const works = (entry, floor, { spelled, whole }) =>
  spelling(entry) === spelled &&
  !entry.flags &&
  !(whole && entry.partial_implementation) &&
  reached(entry.version_added, floor) &&
  !(entry.version_removed && reached(entry.version_removed, floor));

/** The entry under a key like `api.Navigator.share`. Features lie below their parents; undefined where there is none. */
export const entry = (key) => key.split('.').reduce((node, name) => (node && Object.hasOwn(node, name) ? node[name] : undefined), compat);

/**
 * The engines of the floor that lack the feature, `spelled` as given; undefined where the data says nothing of it.
 * What is there in part counts as there, unless the `whole` is asked for: which part is missing, the data tells in prose.
 */
export function lacking(key, options = {}) {
  const support = entry(key)?.__compat?.support;
  return support && ENGINES.filter((engine) => ![support[engine] ?? []].flat().some((one) => works(one, FLOOR[engine], options)));
}

/** The same for a feature that the data must know: a key that was renamed there is a mistake here. */
export function surely(key) {
  const engines = lacking(key, { whole: true });
  if (!engines) throw new Error(`browser-compat-data does not know ${key}`);
  return engines;
}

/** Names of what lies right below a key. */
export const below = (key) => Object.keys(entry(key) ?? {}).filter((name) => name !== '__compat');

/** Keys of everything below a key. */
export const under = (key) => below(key).flatMap((name) => [`${key}.${name}`, ...under(`${key}.${name}`)]);

/** Features spelled otherwise than their key says, by that spelling. */
export const otherwise = (key) => {
  const found = new Map();
  for (const name of below(key)) {
    const entries = Object.values(entry(`${key}.${name}`).__compat?.support ?? {}).flat();
    for (const { alternative_name: other } of entries) if (other) found.set(other.replace(/[:()]/g, ''), name);
  }
  return found;
};

export const common = (lists) => lists.reduce((left, right) => left.filter((engine) => right.includes(engine)));
export const without = (engines, others = []) => engines.filter((engine) => !others.includes(engine));
