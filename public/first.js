// A draft's form at first sight: a small program draws it while the page's own is on its way, so that one can begin to
// type. What was typed, chosen and pressed until then is done again on the live form, and the caret stays where it was.
window.onethingSight = ({ home, boot, route, group, answers, spoken }) => {
  /** How long the page's own program waits for answers once all else is there for the first sight, in milliseconds. */
  const LATE = 1000;
  const said = document.querySelector('meta[name="glance"]');
  const screen = boot.querySelector('.screen');
  const touched = new Set();
  let pressed;
  let composing = false;
  let stands = false;

  // The build did not know which draft it would be.
  for (const link of boot.querySelectorAll('a[hreflang]')) link.href = link.getAttribute('href').replace(/drafts.*/, route);

  const code = import(new URL(said.content, document.baseURI));
  const texts = said.dataset.texts ? fetch(new URL(said.dataset.texts, home)).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer))) : '';
  const program = code.then((module) => module.default({ module_or_path: new URL(said.dataset.wasm, document.baseURI) }));
  const here = Promise.all([code, texts, program]);
  const drawn = Promise.all([answers, here])
    .then(([[draft, bundle], [{ glance, forget }, table]]) => {
      const languages = document.querySelector('meta[name="languages"]').content;
      const form = draft && bundle && glance(draft, bundle, group, languages, spoken, table, home.pathname);
      forget();
      // The page's own program may have been faster than the answers.
      if (!form || !boot.isConnected) return;
      screen.innerHTML = form;
      for (const late of boot.querySelectorAll('.late')) late.remove();
      document.title = `${screen.querySelector('h1').textContent} · ${document.title}`;
      listen();
      stands = true;
    })
    .catch(() => undefined);

  /** What leads somewhere, or does something that only the program can do. */
  const press = (event) => {
    const target = event.target.closest('a[href], button');
    if (!target || /^tel:/.test(target.href) || target.matches('[data-restyle], [data-resize], [data-speak]')) return;
    event.preventDefault();
    if (pressed) pressed.removeAttribute('aria-disabled');
    pressed = target;
    // It was heard, and is done as soon as it can be.
    if (target.matches('.primary')) target.setAttribute('aria-disabled', 'true');
  };
  const listen = () => {
    const touch = ({ target }) => touched.add(target);
    screen.addEventListener('input', touch);
    screen.addEventListener('change', touch);
    boot.addEventListener('click', press);
    // An input method writes into the field it began in, until it is done.
    boot.addEventListener('compositionstart', () => (composing = true));
    boot.addEventListener('compositionend', () => (composing = false));
  };

  const around = (side) => [...side.querySelectorAll('.skip, .bar a, .foot a')];
  /** The same element of the live page. */
  const alive = (element) => {
    const field = element.closest('[data-field]');
    const marks = ['id', 'name', 'value', 'data-act', 'href'].map((name) => [name, name === 'value' && !element.name ? null : element.getAttribute(name)]);
    const mark = marks.filter(([, value]) => value !== null).map(([name, value]) => `[${name}="${CSS.escape(value)}"]`);
    const of = field ? `[data-field="${CSS.escape(field.dataset.field)}"] ` : 'body > main ';
    return document.querySelector(of + element.localName + (mark.join('') || '.primary'));
  };
  const tell = (element, type) => element.dispatchEvent(new Event(type, { bubbles: true }));
  /** Says again what was typed or chosen; a field that was left is looked at. */
  const say = (control, left) => {
    const live = alive(control);
    if (!live) return;
    if (/^(radio|checkbox)$/.test(control.type)) {
      live.checked = control.checked;
      if (control.type === 'checkbox' || control.checked) tell(live, 'change');
      return;
    }
    live.value = control.value;
    tell(live, 'input');
    if (left || control.localName === 'select') tell(live, 'change');
    // A list that was searched takes what was typed when it is left.
    if (left) tell(live, 'focusout');
  };

  /** Once the live form stands, `swap` puts it in the place of this one. */
  const handOver = (swap) => {
    const main = document.querySelector('body > main');
    const change = () => {
      const focused = screen.contains(document.activeElement) ? document.activeElement : undefined;
      const caret = focused && /^(text|tel|email|textarea)$/.test(focused.type) && [focused.selectionStart, focused.selectionEnd, focused.selectionDirection];
      const place = pressed && around(boot).indexOf(pressed);
      swap();
      for (const control of touched) say(control, control !== focused);
      const live = focused && alive(focused);
      const [x, y] = [window.scrollX, window.scrollY];
      if (live) live.focus({ preventScroll: true });
      if (window.scrollX !== x || window.scrollY !== y) window.scrollTo(x, y);
      if (live && caret && live.type !== 'email') live.setSelectionRange(...caret);
      const todo = pressed && (place < 0 ? alive(pressed) : around(document.body)[place]);
      if (todo) todo.click();
    };
    const ready = () => !main.querySelector('.skeleton') && !composing;
    if (ready()) return change();
    const look = () => {
      if (!ready() || !boot.isConnected) return;
      watch.disconnect();
      change();
    };
    const watch = new MutationObserver(look);
    watch.observe(main, { childList: true, subtree: true });
    // The input method's last word is in the field when this is told.
    boot.addEventListener('compositionend', () => setTimeout(look));
  };
  /** It was drawn, or it never will be, or too late to be waited for. */
  const late = here.then(() => new Promise((resolve) => setTimeout(resolve, LATE)));
  const tried = Promise.race([drawn, late]).catch(() => undefined);
  return { tried, stands: () => stands, handOver };
};
