// The ways people see a page: applied in place, at a state, and undone after.

const elder = (on) => {
  if (on) document.documentElement.dataset.style = 'elder';
  else delete document.documentElement.dataset.style;
};
const large = (on) => {
  document.documentElement.style.fontSize = on ? '200%' : '';
  if (!on && !document.documentElement.getAttribute('style')) document.documentElement.removeAttribute('style');
};
/** What WCAG 1.4.12 lets a reader set. A constructed sheet: the page's policy forbids others. */
const spacing = (on) => {
  if (!on) {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== window.spacing);
    return;
  }
  window.spacing = new CSSStyleSheet();
  window.spacing.replaceSync(
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }',
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.spacing];
};
const inPage = (work) => ({ on: (page) => page.evaluate(work, true), off: (page) => page.evaluate(work, false) });
const media = (name, value) => ({ on: (page) => page.emulateMedia({ [name]: value }), off: (page) => page.emulateMedia({ [name]: null }) });

/** As wide as the smallest phone. */
const narrow = () => {
  let before;
  return {
    on: (page) => {
      before = page.viewportSize();
      return page.setViewportSize({ width: 320, height: 844 });
    },
    off: (page) => page.setViewportSize(before),
  };
};

export const MODES = {
  default: { on: () => undefined, off: () => undefined },
  elder: inPage(elder),
  dark: media('colorScheme', 'dark'),
  contrast: media('contrast', 'more'),
  forced: media('forcedColors', 'active'),
  narrow: narrow(),
  large: inPage(large),
  motion: media('reducedMotion', 'reduce'),
  spacing: inPage(spacing),
};

/**
 * Draws what the page leaves undrawn until it is scrolled to: engines take it for hidden, and find labels missing. Whoever reads it,
 * scrolls to it.
 */
export const drawWhole = (page) =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { content-visibility: visible !important }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });

/** Does something with the page in a mode, once it stands still in it. */
export async function inMode(page, name, work) {
  const { on, off } = MODES[name];
  await on(page);
  try {
    if (name !== 'default') await page.evaluate(drawn);
    return await work();
  } finally {
    await off(page);
  }
}

const drawn = async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  await frame();
  for (const animation of document.getAnimations()) if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
};

/**
 * All of a page that an engine reads of its style: where it is the same in two modes, so is what an engine finds. Sizes and places are
 * in it, colours, what is seen and how it is written.
 */
export const appearance = (page) =>
  page.evaluate(() => {
    const names = [
      'display', 'visibility', 'opacity', 'color', 'background-color', 'background-image', 'border-top-color', 'border-top-width', 'outline-color',
      'font-size', 'font-weight', 'line-height', 'letter-spacing', 'text-decoration-line', 'text-indent', 'text-shadow', 'overflow-x', 'overflow-y',
      'position', 'clip', 'clip-path', 'transform', 'pointer-events', 'forced-color-adjust',
    ];
    const rows = [...document.querySelectorAll('*')].map((element) => {
      const style = getComputedStyle(element);
      const { x, y, width, height } = element.getBoundingClientRect();
      return [...names.map((name) => style.getPropertyValue(name)), x, y, width, height].join();
    });
    return rows.join('\n');
  });
