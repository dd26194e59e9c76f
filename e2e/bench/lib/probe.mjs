// What runs inside a page under measure. Each function is sent there whole: it may name nothing outside itself.

/** Before any script of the page: remembers the memory of each wasm program, without keeping it alive. */
export function watchWasm() {
  const memories = [];
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const own = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await own.apply(WebAssembly, given);
      const { exports } = made.instance ?? made;
      for (const one of Object.values(exports)) if (one instanceof WebAssembly.Memory) memories.push(new WeakRef(one));
      return made;
    };
  }
  globalThis.wasmBytes = () => memories.reduce((sum, one) => sum + (one.deref()?.buffer.byteLength ?? 0), 0);
}

/**
 * Before any script of our page: measures `form-mount`, from the draft being there to every field standing in the
 * page and laid out. The hand-written page measures the same for itself.
 */
export function watchMount() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector('body > main .form-section') || performance.getEntriesByName('draft-opened').length === 0) return;
    observer.disconnect();
    void document.body.offsetHeight;
    performance.measure('form-mount', 'draft-opened');
  }).observe(document, { childList: true, subtree: true });
}

/** Gives the length of the User Timing measure `form-mount` as soon as there is one. */
export function mounted() {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const [measure] = list.getEntriesByName('form-mount');
      if (!measure) return;
      observer.disconnect();
      resolve(measure.duration);
    });
    observer.observe({ type: 'measure', buffered: true });
  });
}

/**
 * Times each keystroke and click until the frame after its input event has been made, and reports
 * it through the binding `benched`: nothing of the bench runs in the page meanwhile.
 */
export function timePaints() {
  let begun = 0;
  for (const type of ['keydown', 'click']) addEventListener(type, () => (begun = performance.now()), true);
  // A message posted in a frame's callback is delivered after that frame's style, layout and paint.
  const afterFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = then;
      port2.postMessage(0);
    });
  const shown = (id) => document.querySelector(`[data-field="${id}"]`)?.checkVisibility() ?? false;
  // A page that shows what was asked for a frame later has taken a frame longer.
  const watch = (from) =>
    afterFrame(() => {
      const length = performance.now() - from;
      const { ids, visible } = globalThis.benchExpects;
      if (ids.every((id) => shown(id) === visible)) globalThis.benched(String(length));
      else watch(from);
    });
  addEventListener('input', (event) => event.isTrusted && watch(begun));
  globalThis.benchExpects = { ids: [], visible: true };
}

/** Scrolls an element to the middle of the screen, and gives its centre once it lies still; or says what is wrong. */
export async function bring({ selector, focus }) {
  const element = document.querySelector(selector);
  if (!element) return 'it is not there';
  if (focus) element.focus({ preventScroll: true });
  // Sections that come into view take their true height then, and move what follows.
  for (let frames = 0, still = 0, before = NaN; frames < 120; frames += 1) {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    await new Promise(requestAnimationFrame);
    const { x, y, width, height } = element.getBoundingClientRect();
    still = y === before ? still + 1 : 0;
    before = y;
    if (still < 3) continue;
    const centre = { x: x + width / 2, y: y + height / 2 };
    const hit = document.elementFromPoint(centre.x, centre.y);
    const own = element.closest('label') ?? element;
    return own.contains(hit) ? centre : `${hit?.outerHTML.slice(0, 80) ?? 'nothing'} lies over it`;
  }
  return 'it does not come to rest';
}

/** Before any script of a page: what the browser itself notes while it loads; `benchVitals` gives it. */
export function watchVitals() {
  const seen = { fcp: null, lcp: null, shift: 0, live: null, tasks: [], origin: performance.timeOrigin };
  const on = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  on('paint', ({ name, startTime }) => name === 'first-contentful-paint' && (seen.fcp = startTime));
  on('largest-contentful-paint', ({ startTime }) => (seen.lcp = startTime));
  on('layout-shift', ({ value, hadRecentInput }) => hadRecentInput || (seen.shift += value));
  on('longtask', ({ startTime, duration }) => seen.tasks.push({ startTime, duration }));
  new MutationObserver((_, observer) => {
    if (!document.documentElement.hasAttribute('data-live')) return;
    observer.disconnect();
    seen.live = performance.now();
  }).observe(document, { attributes: true, attributeFilter: ['data-live'], subtree: true });
  globalThis.benchVitals = () => seen;
}

/**
 * Before any script of a page: once a wanted field stands at a wanted address, asks through the binding `benched`
 * for a key, and tells when the frame that shows it has been made. Times are of the machine's clock.
 */
export function watchUse(wanted) {
  const left = wanted.map(({ field, at }) => ({ selector: `[data-field="${field}"] input`, at: new RegExp(at), since: null }));
  const now = () => performance.timeOrigin + performance.now();
  const afterFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = then;
      port2.postMessage(0);
    });
  const shows = ({ selector, since }) =>
    afterFrame(() => {
      const until = now();
      if (document.querySelector(selector)?.value) globalThis.benched(JSON.stringify({ origin: performance.timeOrigin, since, until }));
      else shows({ selector, since });
    });
  // A screen that comes puts the focus on its heading first.
  const take = (field) => {
    field.focus();
    afterFrame(() => (document.activeElement === field ? globalThis.benched('{}') : take(field)));
  };
  const look = () => {
    const want = left.find(({ at }) => at.test(location.href));
    if (!want) return;
    want.since ??= now();
    const field = document.querySelector(want.selector);
    if (!field?.checkVisibility()) return;
    left.splice(left.indexOf(want), 1);
    addEventListener('input', () => shows(want), { once: true });
    take(field);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['hidden', 'class'] });
  navigation.addEventListener('currententrychange', look);
  look();
}

/** Before any script of a page: times interactions to the paint after them; `benchTaps` gives them. */
export function watchTaps() {
  const lengths = new Map();
  const note = (entries) => {
    for (const { interactionId: id, duration } of entries) if (id) lengths.set(id, Math.max(duration, lengths.get(id) ?? 0));
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'event', durationThreshold: 16, buffered: true });
  globalThis.benchTaps = () => {
    note(observer.takeRecords());
    // What took less than is timed took so much at most.
    return [...lengths.values(), ...Array(Math.max(0, performance.interactionCount - lengths.size)).fill(16)];
  };
}

/** Waits until what was just done has been painted, and its timing was told. */
export const paintedTwice = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
