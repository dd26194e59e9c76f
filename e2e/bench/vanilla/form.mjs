// The form of a bundle without any framework: the yardstick of `bench/form.mjs`.
// The DOM holds the answers; one listener for each kind of event serves all fields.

import { faultOf, tidy } from './rules.mjs';

const YES_NO = [{ id: 'yes', label: '是' }, { id: 'no', label: '否' }];
/** Up to so many answers lie open; more are a list to unfold. */
const OPEN = 6;

const form = document.querySelector('form');
const summary = document.getElementById('faults');
const said = document.getElementById('said');

/** Fields by id, each with its box, and with the fields whose conditions name it. */
const fields = new Map();

/** What is cloned, by the id of its template; taken into this document once, not with every clone. */
const models = Object.fromEntries(
  [...document.querySelectorAll('template')].map(({ id, content }) => [id, document.importNode(content.firstChild, true)]),
);
const copy = (name) => {
  if (!models[name]) throw new Error(`no control for ${name}`);
  return models[name].cloneNode(true);
};

/** One answer of several that lie open. */
function lying(model, name, { id, label }) {
  const answer = copy(model);
  const control = answer.firstChild;
  control.name = name;
  control.value = id;
  control.nextSibling.data = label;
  return answer;
}

/** One answer of a list to unfold. */
function folded({ id, label }) {
  const answer = copy('option');
  answer.value = id;
  answer.firstChild.data = label;
  return answer;
}

function boxOf(field) {
  const { kind, options = [] } = field;
  const name = `f-${field.id}`;
  const answers = kind === 'yes_no' ? YES_NO : options;
  const grouped = kind === 'yes_no' || kind === 'choices' || (kind === 'choice' && answers.length <= OPEN);
  const box = copy(grouped ? 'group' : kind);
  const label = box.firstChild;
  const line = label.nextSibling;
  label.firstChild.data = field.label;
  if (!field.required) label.appendChild(copy('optional'));
  if (field.hint) {
    const hint = copy('hint');
    hint.id = `${name}-hint`;
    hint.firstChild.data = field.hint;
    label.after(hint);
    (line ?? box).setAttribute('aria-describedby', hint.id);
  }
  if (grouped) {
    box.id = name;
    const model = kind === 'choices' ? 'box' : 'radio';
    for (const answer of answers) box.appendChild(lying(model, name, answer));
  } else {
    line.id = line.name = label.htmlFor = name;
    for (const answer of answers) line.appendChild(folded(answer));
  }
  box.setAttribute('data-field', field.id);
  // Nothing is answered yet.
  if (field.when?.length > 0) box.hidden = true;
  return box;
}

function build(bundle) {
  const sections = new Map();
  for (const { id, label } of bundle.groups) {
    const section = copy('section');
    section.firstChild.textContent = label;
    sections.set(id, section);
  }
  for (const field of bundle.fields) {
    const box = boxOf(field);
    fields.set(field.id, { ...field, box, dependents: [], fault: null });
    sections.get(field.group).appendChild(box);
  }
  for (const field of fields.values()) {
    for (const [fact, op] of field.when ?? []) {
      if (op !== 'is') throw new Error(`${field.id}: no condition with ${op}`);
      fields.get(fact).dependents.push(field);
    }
  }
  document.getElementById('fields').append(...sections.values());
}

const valueOf = ({ box }) => (box.querySelector('.line') ?? box.querySelector(':checked'))?.value ?? '';

const isAsked = ({ when = [] }) => when.every(([fact, , value]) => valueOf(fields.get(fact)) === value);

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Shows the sentence, or takes it away; most fields never need one, so it is made when it is needed. */
function show(field, fault) {
  if (field.fault === fault) return;
  field.fault = fault;
  const { box } = field;
  const id = `f-${field.id}-fault`;
  box.classList.toggle('faulty', fault !== null);
  document.getElementById(id)?.remove();
  if (fault) (box.querySelector('.hint') ?? box.firstChild).after(make('p', { className: 'fault', id }, fault));
  const target = box.querySelector('.line') ?? box;
  target.setAttribute('aria-invalid', fault !== null);
  target.setAttribute('aria-describedby', [field.hint && `f-${field.id}-hint`, fault && id].filter(Boolean).join(' '));
}

/** Leaving a field: it takes its normal form, is checked, and what hangs on it changes. */
function leave({ target }) {
  const field = fields.get(target.closest('[data-field]').dataset.field);
  const value = tidy(field.kind, valueOf(field));
  if (target.matches('input.line') && target.value !== value) target.value = value;
  // An empty field is not scolded before the end.
  show(field, value ? faultOf(field, value) : null);
  said.textContent = field.fault ?? '';
  for (const dependent of field.dependents) dependent.box.hidden = !isAsked(dependent);
}

function submit(event) {
  event.preventDefault();
  const faulty = [];
  for (const field of fields.values()) {
    if (field.box.hidden) continue;
    show(field, faultOf(field, tidy(field.kind, valueOf(field))));
    if (field.fault) faulty.push(field);
  }
  const line = ({ id, label, fault }) => make('li', {}, make('a', { href: `#f-${id}` }, `${label}：${fault}`));
  summary.replaceChildren(make('h2', {}, '还有几处需要您看一下'), make('ul', {}, ...faulty.map(line)));
  summary.hidden = faulty.length === 0;
  if (faulty.length > 0) summary.focus();
}

/** From the summary to the question: the label is shown, not only its control. */
function follow(event) {
  const link = event.target.closest('a');
  if (!link) return;
  event.preventDefault();
  const target = document.getElementById(link.hash.slice(1));
  target.closest('.field').scrollIntoView();
  target.focus({ preventScroll: true });
}

const address = new URLSearchParams(location.search).get('bundle');
const answer = await fetch(address);
if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
const { bundle } = await answer.json();

performance.mark('parsed');
document.querySelector('h1').textContent = bundle.name ?? document.title;
build(bundle);
form.addEventListener('change', leave);
form.addEventListener('submit', submit);
summary.addEventListener('click', follow);
// A form nobody has laid out is not there yet; this asks for it at once.
void document.body.offsetHeight;
performance.mark('mounted');
performance.measure('form-mount', 'parsed', 'mounted');
