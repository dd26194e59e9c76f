// The demonstration's portal: everything a portal does with an errand it embeds.

const api = new URL('../../api/v1/', import.meta.url);
const at = (id) => document.getElementById(id);
const errand = at('errand');

const get = async (path, options) => {
  const answer = await fetch(new URL(path, api), options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};

const note = (type, detail) => {
  const line = document.createElement('p');
  line.dataset.type = type;
  line.textContent = `${type} ${JSON.stringify(detail ?? {})}`;
  at('log').append(line);
  line.parentElement.scrollTop = line.parentElement.scrollHeight;
};
for (const type of ['ready', 'step', 'submitted', 'paid', 'rated', 'height', 'error', 'title', 'close', 'open', 'share']) {
  errand.addEventListener(`onething-${type}`, ({ detail }) => note(type, detail));
}

// What the errand was told the portal would do.
errand.addEventListener('onething-open', ({ detail }) => window.open(detail.url, '_blank', 'noopener'));
const show = (open) => {
  errand.hidden = !open;
  at('closed').hidden = open;
};
errand.addEventListener('onething-close', () => {
  show(false);
  at('again').focus();
});
at('again').addEventListener('click', () => {
  show(true);
  errand.handle.frame.focus();
});

for (const name of ['bundle', 'locale', 'theme']) {
  at(name).addEventListener('change', ({ target }) => errand.setAttribute(name, target.value));
}
at('back').addEventListener('click', () => errand.handle.back());

// A real portal asks its own backend for a ticket of the identity service; the demonstration makes one for a made-up person.
const ticketFor = async (person) => (await get(`demo/personas/${person}/ticket`, { method: 'POST' })).ticket;
at('person').addEventListener('change', async ({ target }) => {
  if (!target.value) {
    errand.ticket = undefined;
    return;
  }
  errand.ticket = await ticketFor(target.value);
  note('ticket', { person: target.value });
});

const choices = (id, all) => at(id).append(...all.map(({ value, text }) => new Option(text, value)));
const [people, { bundles }] = await Promise.all([get('demo/personas'), get('home')]);
choices('person', people.filter(({ role }) => role === 'citizen').map(({ id, name, story }) => ({ value: id, text: `${name} · ${story}` })));
choices('bundle', bundles.filter(({ id }) => id !== errand.getAttribute('bundle')).map(({ id, name }) => ({ value: id, text: name })));
