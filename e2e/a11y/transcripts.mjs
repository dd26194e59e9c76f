// What a screen reader says of a page, line by line, in Chinese: the browser's accessibility tree as a listener hears it.

import { steady } from './transcripts/steady.mjs';
import { treeOf } from './transcripts/tree.mjs';
import { FILLED, GROUPS, LANDMARKS, NAMED, PARTS, STATES, THINGS } from './transcripts/words.mjs';

const NAMELESS = '（没有名称）';
const tidy = (text) => text.replace(/\s+/g, ' ').trim();

/** The transcript of a page as it stands, one line for each thing that is said. */
export async function transcript(page) {
  const root = await treeOf(page);
  const speaker = new Speaker(root.lang);
  speaker.say(0, `页面 ${tidy(root.name)}${root.lang ? `，语言 ${root.lang}` : '，语言不明'}`);
  for (const child of root.children) speaker.hear(child, 0);
  return speaker.end();
}

class Speaker {
  constructor(lang) {
    Object.assign(this, { lang, lines: [], waiting: undefined, bullet: undefined, silent: [] });
  }

  end() {
    this.flush();
    return this.lines.map(steady);
  }

  /** One line. The first of an item of a list has its mark. */
  say(depth, words) {
    this.flush();
    this.lines.push(`${'  '.repeat(depth)}${this.bullet ?? ''}${words}`);
    this.bullet = undefined;
  }

  /** Text flows on until another block begins. */
  text({ name, lang, block }, depth) {
    if (this.silent.some((label) => label.includes(tidy(name)))) return;
    if (this.waiting?.block !== block) this.flush();
    this.waiting ??= { depth, block, words: '' };
    this.waiting.words += lang !== this.lang && name.trim() ? `〔${lang}〕${name}` : name;
  }

  flush() {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting && tidy(waiting.words)) this.say(waiting.depth, tidy(waiting.words));
  }

  hear(node, depth) {
    const { role, children } = node;
    if (role === 'StaticText') this.text(node, depth);
    else if (role === 'LineBreak') this.text({ ...node, name: ' ' }, depth);
    else if (role === 'ListMarker') this.bullet = `${tidy(node.name)} `;
    else if (role === 'heading') this.heading(node, depth);
    else if (role in LANDMARKS) this.landmark(node, depth);
    else if (role in THINGS) this.thing(node, depth);
    else if (role in GROUPS) this.group(node, depth);
    else if (role in PARTS) this.part(node, depth);
    else if (role === 'listitem') this.item(node, depth);
    else if (role === 'LabelText' || role === 'Legend') this.label(node, depth);
    else for (const child of children) this.hear(child, depth);
  }

  all(children, depth) {
    for (const child of children) this.hear(child, depth);
    this.flush();
  }

  heading(node, depth) {
    this.say(depth, `标题 ${node.states.level} 级 ${this.called(node)}`);
    // A link in a heading is also met by itself.
    for (const child of node.children) if (child.role !== 'StaticText') this.hear(child, depth + 1);
  }

  landmark(node, depth) {
    // A form without a name is no place to go to.
    if (node.role === 'form' && !node.name) return void this.all(node.children, depth);
    this.say(depth, [`地标 ${LANDMARKS[node.role]}`, node.name && tidy(node.name), this.focus(node)].filter(Boolean).join(' '));
    this.all(node.children, depth + 1);
  }

  thing(node, depth) {
    const { role, place, value, description, errors } = node;
    const states = STATES.map((state) => state(node.states, role)).filter(Boolean);
    this.say(depth, [
      `${THINGS[role]} ${this.called(node)}`,
      (value ?? '') !== '' ? `“${tidy(String(value))}”` : FILLED.has(role) && '空',
      ...states,
      place && `第 ${place[0]} 个共 ${place[1]} 个`,
      ...errors.filter(Boolean).map((error) => `错误：${tidy(error)}`),
      description && `描述：${tidy(description)}`,
      this.focus(node),
    ].filter(Boolean).join('，'));
  }

  group(node, depth) {
    const { role, tag, children, name, description } = node;
    const live = ['status', 'alert', 'log'].includes(role);
    // A region that has nothing to say is not heard.
    if (live && !heard(children)) return;
    // What folds is heard by what folds it.
    if (tag === 'details') return void this.all(children, depth);
    const count = role === 'list' && `${children.filter((child) => child.role === 'listitem').length} 项`;
    const titled = name || NAMED.has(role) ? this.called(node) : '';
    const words = [GROUPS[role], titled, count].filter(Boolean).join(' ');
    const states = STATES.map((state) => state(node.states, role)).filter(Boolean);
    this.say(depth, [words, ...states, description && `描述：${tidy(description)}`, this.focus(node)].filter(Boolean).join('，'));
    this.all(children, depth + 1);
  }

  part(node, depth) {
    this.flush();
    const before = this.lines.length;
    this.all(node.children, depth);
    if (this.lines.length > before) this.lines[before] = this.lines[before].replace(/^ */, (space) => `${space}${PARTS[node.role]} `);
  }

  item(node, depth) {
    this.flush();
    const before = this.lines.length;
    this.bullet = '• ';
    this.all(node.children, depth);
    this.bullet = undefined;
    // What follows the first line of an item stands below its words.
    for (let line = before + 1; line < this.lines.length; line += 1) this.lines[line] = `  ${this.lines[line]}`;
  }

  /** The words of a label are heard as the name of what it labels; what more it holds is heard by itself. */
  label(node, depth) {
    this.flush();
    const before = this.silent;
    this.silent = node.labels.map(tidy);
    this.all(node.children, depth);
    this.silent = before;
  }

  /** The name of a thing, foreign words marked with their language. */
  called(node) {
    const name = tidy(node.name);
    if (!name) return NAMELESS;
    const foreign = texts(node).filter(({ lang, name: words }) => lang !== this.lang && words.trim());
    return foreign.reduce((said, { lang, name: words }) => said.replace(tidy(words), `〔${lang}〕${tidy(words)}`), name);
  }

  focus({ states, role }) {
    return states.focused && role !== 'RootWebArea' ? '焦点在此' : '';
  }
}

/** What must be in no transcript, written down or not. */
const FLAWS = [
  ['has no name', /（没有名称）/],
  // A full stop after a link is no line of its own.
  ['is punctuation', /^(?!\s*[。，、；）]$)\s*(?:[•◦] )?[\p{P}\p{S}\s]+$/u],
  // A name shortened with stars (林**) is as official papers write it; the statement names it among what is lacking.
  ['reads stars aloud', /[0-9X]\*|\*[0-9X]/],
  // A field for a day says it as its browser does.
  ['is a date for machines', /^(?!.*日期框).*〈机器日期〉/],
  ['is an amount without a number', /¥(?!\s?\d)/],
  ['is an empty list', /^\s*列表 0 项/],
  ['is in no known language', /，语言不明$/],
];

/** What is bad to hear in a transcript, whatever was expected. */
export function flaws(lines) {
  const found = lines.flatMap((line) => FLAWS.filter(([, form]) => form.test(line)).map(([what]) => `${what}: ${line.trim()}`));
  const levels = lines.map((line) => Number(/^\s*(?:[•◦] )?标题 (\d) 级/.exec(line)?.[1])).filter(Boolean);
  for (const [index, level] of levels.entries()) {
    if (level > (levels[index - 1] ?? level) + 1) found.push(`skips a level: ${level} after ${levels[index - 1]}`);
  }
  const said = lines.map((line) => line.trim().replace(/^[•◦] /, ''));
  for (const [index, line] of said.entries()) if (line === said[index - 1] && !line.includes('〈')) found.push(`is said twice: ${line}`);
  return found;
}

const texts = (node) => (node.role === 'StaticText' ? [node] : node.children.flatMap(texts));
const heard = (children) => children.some((node) => node.role !== 'generic' ? true : heard(node.children));
