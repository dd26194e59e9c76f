// The elder style: which style, how large, and reading aloud. Loaded when somebody asks for one of them.
const root = document.documentElement;

/** Pixels of the running text (MIIT: at least 18, to be enlarged to 30). */
const [LEAST, MOST, USUAL, STEP] = [18, 30, 20, 2];

const remember = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch (error) {
    // Then it holds for this page.
  }
};

/** Once everything is drawn anew: whoever pressed a button goes on from the one that leads back. */
const settled = (work) => requestAnimationFrame(() => requestAnimationFrame(work));
const visible = (selector) => [...document.querySelectorAll(selector)].find((element) => element.getClientRects().length > 0);

/** Changes over to a style, `elder` or `standard`. */
export const restyle = (style) => {
  hush();
  if (style === 'elder') root.dataset.style = 'elder';
  else delete root.dataset.style;
  remember('style', style);
  window.dispatchEvent(new CustomEvent('onething:style', { detail: { elder: style === 'elder', scale: null } }));
  settled(() => {
    const back = visible('[data-restyle]');
    if (back) back.focus();
    window.scrollTo(0, 0);
  });
};

/** Makes the text larger or smaller; says how large it is now. */
export const resize = (up) => {
  const before = parseFloat(root.style.getPropertyValue('--text')) || USUAL;
  const now = Math.min(Math.max(before + (up ? STEP : -STEP), LEAST), MOST);
  root.style.setProperty('--text', `${now}px`);
  remember('text', now);
  for (const button of document.querySelectorAll('[data-resize]')) {
    button.setAttribute('aria-disabled', String(now === (button.dataset.resize === 'up' ? MOST : LEAST)));
  }
  for (const said of document.querySelectorAll('[data-size]')) said.textContent = `${now}`;
};

const voice = window.speechSynthesis;
let speaking;

/** Ends the reading. */
const hush = () => {
  if (voice) voice.cancel();
  if (speaking) speaking.removeAttribute('aria-pressed');
  speaking = undefined;
};

const BLOCKS = 'h1,h2,h3,h4,p,li,dt,dd,legend,label,summary,th,td,output';
/** A number that stands for somebody is read digit by digit. */
const spelled = (text) => text.replace(/[0-9]{6,}[0-9Xx]?/g, (digits) => [...digits].join(' '));

/** The words of a part of the page in the order of reading; what lies in a smaller part is read there. */
const words = (part) =>
  [...part.querySelectorAll(BLOCKS)]
    .filter((block) => block.getClientRects().length > 0 && !block.closest('.hidden, .elder-bar, [aria-hidden=true]'))
    .filter((block) => !block.querySelector(BLOCKS))
    .map((block) => ({ text: block.innerText.trim(), lang: block.closest('[lang]').lang }))
    .filter(({ text }) => text);

/** A question with what has been answered. */
const question = (box) => {
  const lang = box.closest('[lang]').lang;
  const given = [...box.querySelectorAll('input, select, textarea')].map((control) => {
    if (control.type === 'radio' || control.type === 'checkbox') return control.checked ? control.closest('label').innerText : '';
    return control.tagName === 'SELECT' ? control.selectedOptions[0].text : control.value;
  });
  return [...words(box), ...given.filter(Boolean).map((text) => ({ text, lang }))];
};

/** Reads the page, or the question a button belongs to; pressed again, it stops. */
export const speak = (button) => {
  const again = speaking === button;
  hush();
  if (again || !voice) return;
  const box = button.closest('[data-field]');
  const parts = box ? question(box) : words(document.querySelector('main'));
  speaking = button;
  button.setAttribute('aria-pressed', 'true');
  parts.forEach(({ text, lang }, index) => {
    const said = new SpeechSynthesisUtterance(spelled(text));
    said.lang = lang;
    // Slower than usual: whoever asks for it listens.
    said.rate = 0.9;
    if (index === parts.length - 1) said.onend = () => speaking === button && hush();
    voice.speak(said);
  });
};
window.addEventListener('pagehide', hush);
window.addEventListener('onething:event', ({ detail }) => detail.type === 'step' && hush());
