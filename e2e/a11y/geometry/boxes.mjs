// What is asked inside of a page of the places of things. Installed there as a whole, so it may name nothing outside of itself.

export function install() {
  const OPERABLE = [
    ...['a[href]', 'button', 'input:not([type=hidden])', 'select', 'textarea', 'details > summary:first-of-type', '[tabindex]:not([tabindex="-1"])'],
    ...['button', 'link', 'checkbox', 'radio', 'switch', 'tab', 'menuitem', 'option', 'combobox'].map((role) => `[role=${role}]`),
  ].join();

  const describe = (element) => element.outerHTML.replace(/<!--.*?-->/g, '').replace(/\s+/g, ' ').slice(0, 110);
  const words = (node) => `“${node.textContent.trim().replace(/\s+/g, ' ').slice(0, 24)}” in ${describe(node.parentElement)}`;
  const up = function* (element) {
    for (let at = element; at; at = at.parentElement) yield at;
  };
  const first = (element, fits) => {
    for (const at of up(element)) if (fits(at, getComputedStyle(at))) return at;
    return null;
  };

  /** A dialog before everything is all there is. */
  const scope = () => [...document.querySelectorAll('dialog')].findLast((dialog) => dialog.matches(':modal')) ?? document.body;
  /** Only for ears. */
  const unseen = (element) => first(element, (at, { clipPath }) => clipPath === 'inset(50%)' && at.clientWidth <= 1);
  /** Nothing is left of a drawing without height; its words keep the places they had. */
  const gone = (element) => element.ownerSVGElement?.getBoundingClientRect().height === 0;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !unseen(element) && !gone(element);
  /** Waits above the page until it has the focus. */
  const away = ({ right, bottom }) => right + scrollX <= 0 || bottom + scrollY <= 0;
  const boxesOf = (thing) => [...thing.getClientRects()].filter((box) => box.width > 0 && box.height > 0 && !away(box));
  /** What lies over the page is no neighbour of what lies below. */
  const lies = ({ position, zIndex }) => ['fixed', 'sticky'].includes(position) || (position === 'absolute' && zIndex !== 'auto');
  const layer = (element) => first(element, (_, style) => lies(style));

  /** Every text that is seen, with the boxes of its lines. */
  function texts() {
    const all = [];
    const walk = document.createTreeWalker(scope(), NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const element = node.parentElement;
      if (!node.textContent.trim() || element.closest('option, noscript, script, style') || !shown(element)) continue;
      if (!element.checkVisibility({ opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = boxesOf(range);
      if (boxes.length > 0) all.push({ node, element, boxes, style: getComputedStyle(element) });
    }
    return all;
  }

  /** Pixels of a letter as it is drawn: a drawing has its own measure. */
  const sizeOf = ({ element, style }) => parseFloat(style.fontSize) * (element.getScreenCTM?.()?.a ?? 1);

  /** Every thing to press, with its boxes; a control and its label are one. */
  function targets() {
    const all = new Map();
    for (const element of scope().querySelectorAll(OPERABLE)) {
      const labels = ['radio', 'checkbox', 'file'].includes(element.type) ? [...element.labels] : [];
      const parts = [element, ...labels].filter((part) => shown(part));
      const boxes = parts.flatMap(boxesOf);
      if (boxes.length > 0) all.set(element, { element, parts, boxes });
    }
    return [...all.values()];
  }

  const around = (boxes) => ({
    left: Math.min(...boxes.map(({ left }) => left)), right: Math.max(...boxes.map(({ right }) => right)),
    top: Math.min(...boxes.map(({ top }) => top)), bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  });

  /** A link inside of a sentence is as high as its line. */
  function inSentence(element) {
    if (getComputedStyle(element).display !== 'inline') return false;
    const block = first(element.parentElement, (_, { display }) => !['inline', 'contents'].includes(display)).cloneNode(true);
    for (const target of block.querySelectorAll(OPERABLE)) target.remove();
    return /[\p{L}\p{N}]/u.test(block.textContent);
  }

  function* small(least) {
    for (const { element, boxes } of targets()) {
      const { left, right, top, bottom } = around(boxes);
      const [width, height] = [right - left, bottom - top];
      if (Math.min(width, height) < least - 0.5 && !inSentence(element)) yield [`${Math.round(width)}×${Math.round(height)} px`, describe(element)];
    }
  }

  const overlap = (a, b) => Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

  function* crossing() {
    const all = targets().map((target) => ({ ...target, layer: layer(target.element) }));
    const related = (a, b) => a.parts.some((one) => b.parts.some((other) => one.contains(other) || other.contains(one)));
    for (const [index, a] of all.entries()) {
      for (const b of all.slice(index + 1)) {
        if (a.layer !== b.layer || related(a, b)) continue;
        const most = Math.max(...a.boxes.flatMap((one) => b.boxes.map((other) => overlap(one, other))));
        if (most > 1) yield [`${Math.round(most)} px`, `${describe(a.element)} and ${describe(b.element)}`];
      }
    }
  }

  /** Which side of a box cuts another off, if any. What scrolls cuts nothing off. */
  function cuts(element, box) {
    let free = false;
    for (const at of up(element)) {
      const { overflowX, overflowY, position } = getComputedStyle(at);
      const edge = at.getBoundingClientRect();
      const cutter = !free && at !== document.documentElement && at !== document.body;
      if (cutter && /auto|scroll/.test(overflowX + overflowY)) return null;
      if (cutter && overflowX !== 'visible' && (box.left < edge.left - 1 || box.right > edge.right + 1)) return at;
      if (cutter && overflowY !== 'visible' && (box.top < edge.top - 1 || box.bottom > edge.bottom + 1)) return at;
      // What is placed outside of the flow is cut by what it is placed in only.
      free = position === 'absolute' || (free && position === 'static');
      if (position === 'fixed') return null;
    }
    return null;
  }

  function* clipped() {
    for (const { node, element, boxes } of texts()) {
      const cutter = boxes.map((box) => cuts(element, box)).find(Boolean);
      if (cutter) yield ['cut', `${words(node)} by ${describe(cutter)}`];
      const out = boxes.find(({ left, right }) => left < -1 || right > document.documentElement.clientWidth + 1);
      if (out && !first(element, (_, { overflowX }) => /auto|scroll/.test(overflowX))) yield ['outside of the view', words(node)];
    }
  }

  /** Letters fill the middle of their line. */
  const core = ({ left, right, top, bottom }) => ({ left, right, top: top + (bottom - top) * 0.2, bottom: bottom - (bottom - top) * 0.2 });

  function* muddled() {
    const lines = texts().flatMap(({ node, element, boxes }) => boxes.map((box) => ({ node, layer: layer(element), box: core(box) })));
    lines.sort((a, b) => a.box.top - b.box.top);
    for (const [index, a] of lines.entries()) {
      for (let next = index + 1; next < lines.length && lines[next].box.top < a.box.bottom; next += 1) {
        const b = lines[next];
        if (a.node !== b.node && a.layer === b.layer && overlap(a.box, b.box) > 1) yield ['overlap', `${words(a.node)} and ${words(b.node)}`];
      }
    }
  }

  function* sideways() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) yield [`${scrollWidth} of ${clientWidth} px`, 'the page'];
  }

  /** What stays where it is takes room from what scrolls. A dialog is what one reads then. */
  function* standing(most) {
    const stays = [...scope().querySelectorAll('*')].filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position));
    const covered = new Set();
    for (const element of stays.filter((one) => !one.closest('dialog') && shown(one))) {
      const { top, bottom, width } = element.getBoundingClientRect();
      if (width < innerWidth / 2) continue;
      for (let line = Math.max(0, Math.ceil(top)); line < Math.min(innerHeight, bottom); line += 1) covered.add(line);
    }
    if (covered.size > innerHeight * most) yield [`${covered.size} of ${innerHeight} px`, stays.map(describe).join(' and ')];
  }

  /** Letters large enough, on lines far enough apart. */
  function* fine(least, apart) {
    for (const text of texts()) {
      const size = sizeOf(text);
      if (size < least - 0.1) yield [`${size.toFixed(1)} px`, words(text.node)];
      const line = parseFloat(text.style.lineHeight) / parseFloat(text.style.fontSize);
      if (!(text.element instanceof SVGElement) && !(line >= apart - 0.01)) yield [`lines ${line.toFixed(2)} apart`, words(text.node)];
    }
  }

  const before = new Map();
  /** Remembers how large letters are, to ask later what did not grow. */
  const note = () => texts().forEach((text) => before.set(text.node, sizeOf(text)));
  function* rigid(times) {
    for (const text of texts()) {
      const grown = sizeOf(text) / before.get(text.node);
      if (grown < times - 0.05) yield [`×${grown.toFixed(2)}`, words(text.node)];
    }
  }

  const rules = { small, crossing, clipped, muddled, sideways, standing, fine, rigid };
  const ask = (rule, ...given) => [...rules[rule](...given)];
  globalThis.geometry = { ask, note, rules, texts, sizeOf, scope, shown, up, describe, words };
}
