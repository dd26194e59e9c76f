// What the walker asks inside of a page. Installed there as a whole, so it may name nothing outside of itself.

export function install() {
  const OPERABLE = [
    ...['a[href]', 'area[href]', 'button', 'input:not([type=hidden])', 'select', 'textarea', 'details > summary:first-of-type', 'iframe'],
    ...['audio[controls]', 'video[controls]', '[contenteditable=true]', '[tabindex]:not([tabindex="-1"])'],
    ...['button', 'link', 'checkbox', 'radio', 'switch', 'tab'].map((role) => `[role=${role}]`),
    ...['menuitem', 'slider', 'spinbutton', 'combobox', 'textbox'].map((role) => `[role=${role}]`),
  ].join();
  // Such a field is several stops, one for each part of it.
  const PARTS = 'input[type=date], input[type=time], input[type=datetime-local], input[type=month], input[type=week], iframe, audio, video';

  const ids = new WeakMap();
  let count = 0;
  const idOf = (element) => {
    if (!ids.has(element)) ids.set(element, (count += 1));
    return ids.get(element);
  };

  const describe = (element) => element.outerHTML.replace(/<!--.*?-->/g, '').replace(/\s+/g, ' ').slice(0, 110);
  const modal = () => [...document.querySelectorAll('dialog')].findLast((dialog) => dialog.matches(':modal'));

  let left = null;
  /** Whether a dialog stands before everything. */
  const isModal = () => {
    left = modal() ?? left;
    return modal() !== undefined;
  };

  const seen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) && width > 1 && height > 1;
  };

  /** What is pressed in turn: radios of one name are one. */
  const stopOf = (element) =>
    element.type === 'radio' && element.name ? `radio ${element.name} ${element.form ? idOf(element.form) : ''}` : String(idOf(element));

  const layer = (element) => {
    for (let at = element; at; at = at.parentElement) if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return at;
    return null;
  };

  /** An inline link is as many boxes as it has lines. */
  const boxes = (element) => [...element.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);

  const backdrop = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\)$|transparent/.test(colour)) return colour;
    }
    return '';
  };

  /** The first thing that lies over an element where it has the focus. */
  function cover(element) {
    const inset = ({ left, top, width, height }) => {
      const [x, y] = [Math.min(4, width / 4), Math.min(4, height / 4)];
      const corners = [[x, y], [width - x, y], [x, height - y], [width - x, height - y]];
      return [[width / 2, height / 2], ...corners].map(([x, y]) => [left + x, top + y]);
    };
    const points = boxes(element).flatMap(inset).filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    for (const [x, y] of points) {
      const hit = document.elementFromPoint(x, y);
      // Behind a round corner lies what holds it.
      const own = !hit || element.contains(hit) || hit.contains(element) || hit.closest('label')?.control === element;
      if (!own) return describe(hit);
    }
    return null;
  }

  /** Whether as much of an element is in sight as fits; of several lines to write in, the browser brings the one written in. */
  function inSight(element) {
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    const part = element.matches('textarea');
    const within = (from, to, size, room) => (size > room || part ? from < room && to > 0 : from >= -1 && to <= room + 1);
    return within(left, right, width, innerWidth) && within(top, bottom, height, innerHeight);
  }

  let last = null;
  /** Why an element should not come after the one before; both where they are now. */
  function disorder(element) {
    const before = last;
    last = element;
    if (!before?.isConnected || before === element || layer(before) !== layer(element)) return null;
    if ([before, element].some((one) => one.matches('.skip'))) return null;
    const [one, two] = [boxes(before)[0], boxes(element)[0]];
    if (!one || !two) return null;
    const shared = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
    if (shared > Math.min(one.height, two.height) / 2) {
      const rtl = getComputedStyle(document.documentElement).direction === 'rtl';
      const backwards = rtl ? two.right > one.right + 1 : two.left < one.left - 1;
      return backwards ? `against the line, after ${describe(before)}` : null;
    }
    return two.bottom <= one.top + 1 ? `upwards, after ${describe(before)}` : null;
  }

  /** The stop where the focus is; nothing where it is nowhere. */
  function stop() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const { left, top, width, height } = element.getBoundingClientRect();
    const { tagName, type, className, checked } = element;
    const named = ['role', 'aria-pressed', 'aria-expanded', 'aria-invalid', 'aria-disabled', 'aria-current'];
    const states = named.map((name) => element.getAttribute(name));
    return {
      id: idOf(element),
      // A dialog that scrolls may have the focus as a whole.
      whole: element === modal(),
      stop: stopOf(element),
      html: describe(element),
      box: { left, top, width, height },
      look: [tagName, type, className, checked, ...states, getComputedStyle(element).backgroundColor, backdrop(element)].join(),
      seen: seen(element),
      inSight: inSight(element),
      cover: cover(element),
      disorder: disorder(element),
      parts: element.matches(PARTS),
      unnamed: element.closest('[aria-hidden=true]') !== null,
      outside: modal() ? !modal().contains(element) : false,
      folded: element.matches('details:not([open]) > summary'),
      skips: element.matches('a[href="#main"]'),
      inMain: element.closest('main') !== null,
    };
  }

  /** The next Tab goes to the first stop, as it does in a document, or a dialog, just opened. */
  function reset() {
    last = null;
    const start = modal() ?? document.body;
    const own = start.getAttribute('tabindex');
    start.tabIndex = -1;
    start.focus({ preventScroll: true });
    if (own === null) start.removeAttribute('tabindex');
    else start.setAttribute('tabindex', own);
    document.activeElement?.blur();
    scrollTo({ top: 0, behavior: 'instant' });
  }

  const able = (element) =>
    seen(element) && !element.matches(':disabled') && !element.closest('[inert]') && (!modal() || modal().contains(element));

  /** What a pointer can press and the walk did not come to. */
  function missed(stops) {
    const open = [...document.querySelectorAll(OPERABLE)].filter((element) => able(element) && !stops.includes(stopOf(element)));
    // What shows the hand is pressed too, though it may be no control.
    const handed = (element) => getComputedStyle(element).cursor === 'pointer';
    const dead = [...document.querySelectorAll('body *')].filter(
      (element) =>
        handed(element) && !handed(element.parentElement) && able(element) &&
        !element.closest(OPERABLE) && !element.querySelector(OPERABLE) && !element.control && !element.closest('[role=option], label, svg'),
    );
    return [...open, ...dead].map(describe);
  }

  /** What no page of ours has: places in line of one's own, and keys of one's own. */
  const forbidden = () =>
    [...document.querySelectorAll('[tabindex], [accesskey]')].filter((element) => element.tabIndex > 0 || element.accessKey).map(describe);

  /** All that a key pressed beside every field could change. */
  const shape = () => {
    const all = [...document.querySelectorAll('body *')];
    const parts = all.map(({ tagName, id, open, value, checked, hidden }) => [tagName, id, open, value, checked, hidden].join());
    return [location.href, document.activeElement === document.body, ...parts].join('\n');
  };

  globalThis.keyboardWalker = {
    stop, reset, missed, forbidden, shape,
    blur: () => document.activeElement?.blur(),
    focus: (id) => {
      const element = [...document.querySelectorAll(OPERABLE)].find((one) => ids.get(one) === id);
      element?.focus({ preventScroll: true });
      return element !== undefined && document.activeElement === element;
    },
    isOpen: (id) => [...document.querySelectorAll('details[open] > summary')].some((one) => ids.get(one) === id),
    fold: (folded) => {
      for (const one of document.querySelectorAll('details[open] > summary')) if (folded.includes(ids.get(one))) one.parentElement.open = false;
    },
    modal: isModal,
    openAgain: () => left?.isConnected && left.showModal(),
    hasBar: () => [...document.querySelectorAll('header a')].some(seen) && document.querySelector('main') !== null,
    mainIsFocused: () => document.activeElement === document.querySelector('main'),
    mainHasStops: () => [...document.querySelectorAll(OPERABLE)].some((one) => one.closest('main') && able(one)),
  };
}
