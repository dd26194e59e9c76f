// What a sheet uses. Engines skip what they do not know, so a feature below the floor is fine where something else
// stands in for it: another declaration of the same property, the same block under a selector that is known, or a
// condition that such an engine does not meet.

import { generate, parse, walk } from 'css-tree';

import { common, ENGINES, entry, lacking, otherwise, under, without } from './data.mjs';

const PREFIX = /^-(webkit|moz|ms|o)-/;
const UNITS = { Q: 'Q', cap: 'cap', ic: 'ic', lh: 'lh', rlh: 'rlh', rcap: 'rcap', rch: 'rch', rex: 'rex', ric: 'ric', vi: 'vi', vb: 'vb' };
const unit = (name) => {
  if (UNITS[name]) return `css.types.length.${UNITS[name]}`;
  if (/^cq(w|h|i|b|min|max)$/.test(name)) return 'css.types.length.container_query_length_units';
  const kind = /^([dsl])v(w|h|i|b|min|max)$/.exec(name)?.[1];
  return kind && `css.types.length.viewport_percentage_units_${{ d: 'dynamic', s: 'small', l: 'large' }[kind]}`;
};

const KEYWORDS = ['css.types.global_keywords', 'css.types.color.system-color', 'css.types.env'];
const known = (key) => ({ key, engines: lacking(key) ?? ENGINES });
const last = (key) => key.slice(key.lastIndexOf('.') + 1);
const FUNCTIONS = new Map(under('css.types').map((key) => [last(key), key]).reverse());
const CASES = { i: 'css.selectors.attribute.case_insensitive_modifier', s: 'css.selectors.attribute.case_sensitive_modifier' };
const ALPHA = 'css.types.color.rgb_hexadecimal_notation.alpha_hexadecimal_notation';
const SELECTORS = otherwise('css.selectors');

/** The engines that lack a feature which may bear a prefix; undefined where it is not known. */
const prefixed = (base, name) => {
  const prefix = PREFIX.exec(name)?.[0];
  const plain = `${base}.${name.replace(PREFIX, '')}`;
  const key = entry(`${base}.${name}`) ? `${base}.${name}` : plain;
  const engines = key === plain && prefix ? lacking(key, { spelled: prefix }) : lacking(key);
  return engines && { key, engines };
};

/** What one declaration needs: `{ key, engines }` for each, `self` for the property as such. */
function* needs(declaration) {
  const { property, value } = declaration;
  const own = property.startsWith('--') ? 'css.properties.custom-property' : `css.properties.${property.replace(PREFIX, '')}`;
  const self = property.startsWith('--') ? undefined : (prefixed('css.properties', property) ?? { key: own, engines: ENGINES });
  if (self) yield { ...self, self: true };
  // Where the property is not known, its values do not matter.
  for (const { key, engines } of values(value, own)) yield { key, engines: without(engines, self?.engines) };
}

/** What the value of a property, known as `own`, needs. */
function* values(value, own) {
  const parts = [];
  walk(value, (node) => parts.push(node));
  for (const { type, name, unit: of, value: text, children } of parts) {
    const told = (...keys) => keys.filter((key) => key && lacking(key)).map(known).slice(0, 1);
    if (type === 'Identifier') {
      const spelled = name.startsWith('-') && otherwise(own).get(name);
      if (spelled) yield { key: `${own}.${spelled}`, engines: lacking(`${own}.${spelled}`, { spelled: name }) };
      else yield* told(`${own}.${name}`, ...KEYWORDS.map((key) => `${key}.${name.toLowerCase()}`));
    } else if (type === 'Function' && !PREFIX.test(name)) {
      const [found] = told(`${own}.${name}`, `${own}.${name}_function`, FUNCTIONS.get(name));
      yield found ?? { key: `${name}()`, engines: ENGINES };
      if (/^(rgb|hsl)a?$/.test(name) && children.first?.name === 'from') yield known(`css.types.color.${name}.relative_syntax`);
      else if (/^(rgb|hsl)a?$/.test(name) && !children.some((one) => one.type === 'Operator' && one.value === ',')) {
        yield* told(`css.types.color.${name}.space_separated_parameters`);
      }
    } else if (type === 'Dimension' && unit(of)) yield known(unit(of));
    else if (type === 'Hash' && /^(.{4}|.{8})$/.test(text)) yield known(ALPHA);
  }
}

/** What a selector needs. */
function* wants(list) {
  const parts = [];
  walk(list, (node) => parts.push(node));
  for (const { type, name, children, flags, selector } of parts) {
    if (type === 'PseudoClassSelector' || type === 'PseudoElementSelector') {
      const spelled = SELECTORS.get(name);
      const spelledKey = `css.selectors.${spelled}`;
      if (spelled) yield { key: spelledKey, engines: lacking(spelledKey, { spelled: name }) };
      else yield prefixed('css.selectors', name) ?? { key: `css.selectors.${name}`, engines: ENGINES };
      const inner = name === 'not' && children?.first;
      if (inner && (inner.children.size > 1 || inner.children.first.children.size > 1)) {
        yield known('css.selectors.not.selector_list');
      }
    } else if (type === 'NestingSelector') yield known('css.selectors.nesting');
    else if (type === 'AttributeSelector' && flags) yield known(CASES[flags.toLowerCase()]);
    else if (type === 'Nth' && selector) yield known('css.selectors.nth-child.of_syntax');
  }
}

/** What the condition of an at-rule needs. */
function* asks({ name, prelude }) {
  yield prefixed('css.at-rules', name) ?? { key: `css.at-rules.${name}`, engines: ENGINES };
  if (!prelude) return;
  const parts = [];
  walk(prelude, (node) => parts.push(node));
  for (const { type, kind, name: feature } of parts) {
    if (type === 'FeatureRange' && kind === 'media') yield known('css.at-rules.media.range_syntax');
    if (type === 'Feature' && kind === 'media') yield known(`css.at-rules.media.${feature.replace(/^(min|max)-/, '')}`);
  }
}

const union = (lists) => ENGINES.filter((engine) => lists.some((engines) => engines.includes(engine)));

/** Engines that never come into an `@supports` block. */
const kept = (condition) => {
  const parts = condition.children.toArray();
  const words = parts.filter(({ type }) => type === 'Identifier').map(({ name }) => name);
  if (words.includes('not')) return [];
  const lists = parts.flatMap((part) => {
    if (part.type === 'Condition') return [kept(part)];
    if (part.type === 'SupportsDeclaration') return [union(Array.from(needs(part.declaration), ({ engines }) => engines))];
    if (part.type !== 'FeatureFunction') return [];
    const own = part.feature === 'selector' ? Array.from(wants(part.value), ({ engines }) => engines) : [ENGINES];
    return [union([lacking('css.at-rules.supports.selector'), ...own])];
  });
  return words.includes('or') ? common(lists) : union(lists);
};

const FLEX = /^(inline-)?flex$/;
const displays = (block) => block.children.toArray().filter(({ property }) => property === 'display').map(({ value }) => generate(value));

/** What of a sheet the floor lacks. */
export function styles(text) {
  const seen = new Set();
  const findings = new Map();
  const report = ({ key, engines }, node, what = generate(node)) => {
    if (!engines.length || findings.has(`${key} ${what}`)) return;
    findings.set(`${key} ${what}`, { key, place: node.loc?.start ?? { line: 1, column: 1 }, engines, what: what.slice(0, 60) });
  };
  const onParseError = ({ message, line, column }) => report({ key: 'css', engines: ENGINES }, { loc: { start: { line, column } } }, message);
  const sheet = parse(text, { positions: true, parseCustomProperty: true, onParseError });

  /** How the elements of a selector are laid out, as far as the sheet says. */
  const layout = new Map();
  walk(sheet, {
    visit: 'Rule',
    enter({ prelude, block }) {
      for (const selector of prelude.children ?? []) {
        const name = generate(selector);
        layout.set(name, [...(layout.get(name) ?? []), ...displays(block)]);
      }
    },
  });

  const block = ({ prelude, block: { children } }, spared) => {
    const groups = new Map();
    for (const declaration of children) {
      if (declaration.type !== 'Declaration') continue;
      const list = Array.from(needs(declaration));
      for (const { key } of list) seen.add(key);
      const name = declaration.property.replace(PREFIX, '');
      const late = name.startsWith('--') || /var\(/.test(generate(declaration.value));
      groups.set(name, [...(groups.get(name) ?? []), { declaration, list, late, engines: union(list.map(({ engines }) => engines)) }]);
    }
    for (const group of groups.values()) {
      const nobody = common(group.map(({ engines }) => engines));
      for (const { declaration, list, late } of group) {
        // What is or holds a variable is taken before it is understood: nothing stands in for it any more.
        for (const { key, engines, self } of list) {
          const lost = late && !self ? engines : engines.filter((engine) => nobody.includes(engine));
          report({ key, engines: without(lost, spared) }, declaration);
        }
      }
    }
    const gap = children.toArray().find(({ property }) => /^((row|column)-)?gap$/.test(property));
    if (!gap || !prelude?.children) return;
    const told = prelude.children.toArray().flatMap((selector) => layout.get(generate(selector)));
    if (told.length && !told.some((display) => FLEX.test(display))) return;
    const key = `css.properties.${gap.property}.flex_context`;
    seen.add(key);
    report({ key, engines: without(lacking(key), spared) }, gap, `${generate(prelude)} { ${generate(gap)} }`);
  };

  const rules = (list, spared, nested) => {
    let before;
    for (const node of list) {
      if (node.type === 'Rule') {
        const plain = node.prelude.type !== 'Raw' && !/keyframes$/.test(nested);
        const wanted = plain ? Array.from(wants(node.prelude)) : [];
        for (const { key } of wanted) seen.add(key);
        const same = generate(node.block);
        const lost = union(wanted.map(({ engines }) => engines));
        // The same block, just before, under a selector for those that do not know this one.
        const served = before?.same === same ? without(ENGINES, before.lost) : [];
        for (const { key, engines } of wanted) report({ key, engines: without(engines, [...spared, ...served]) }, node.prelude);
        before = { same, lost: without(lost, served) };
        block(node, [...spared, ...lost]);
        rules(node.block.children.filter(({ type }) => type !== 'Declaration'), spared);
        continue;
      }
      before = undefined;
      if (node.type !== 'Atrule') continue;
      const asked = Array.from(asks(node));
      for (const { key, engines } of asked) {
        seen.add(key);
        report({ key, engines: without(engines, spared) }, node, `@${node.name}${node.prelude ? ` ${generate(node.prelude)}` : ''}`);
      }
      const lost = union(asked.map(({ engines }) => engines));
      const unmet = node.name === 'supports' ? kept(node.prelude.children.first) : [];
      if (!node.block) continue;
      const inside = [...spared, ...lost, ...unmet];
      if (/^(font-face|page|counter-style|property)$/.test(node.name)) {
        for (const { property } of node.block.children) {
          const descriptor = prefixed(`css.at-rules.${node.name}`, property ?? '');
          if (descriptor) report({ ...descriptor, engines: without(descriptor.engines, inside) }, node, `@${node.name} { ${property} }`);
        }
      } else rules(node.block.children, inside, node.name);
    }
  };
  rules(sheet.children, []);
  return { seen: [...seen], findings: [...findings.values()] };
}
