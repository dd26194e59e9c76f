// What is asked inside of a page of its colours; installed after the boxes. It may name nothing outside of itself but them.

export function install() {
  const { texts, sizeOf, scope, shown, up, describe, words, rules } = globalThis.geometry;

  const channels = (colour) => {
    const [, red, green, blue, alpha = 1] = /^rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:,? ?\/? ?([\d.]+))?\)$/.exec(colour) ?? [];
    if (red === undefined) throw new Error(`what colour is ${colour}?`);
    return [red, green, blue, alpha].map(Number);
  };
  const mix = (front, back, alpha) => front.map((part, index) => part * alpha + back[index] * (1 - alpha));
  const over = (colour, back) => {
    const [red, green, blue, alpha] = channels(colour);
    return mix([red, green, blue], back, alpha);
  };
  const light = (colour) => {
    const [red, green, blue] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };

  /** What is seen of a colour before the background of an element, and of that background: both through every veil above. */
  function seen(element, colour) {
    let back = over(canvas(), [255, 255, 255]);
    const veils = [];
    for (const at of [...up(element)].reverse()) {
      const { backgroundColor, opacity } = getComputedStyle(at);
      if (opacity !== '1') veils.push([Number(opacity), back]);
      back = over(backgroundColor, back);
    }
    let front = over(colour, back);
    for (const [opacity, behind] of veils.reverse()) [front, back] = [mix(front, behind, opacity), mix(back, behind, opacity)];
    return [front, back];
  }

  /** The colour below everything. */
  function canvas() {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'Canvas';
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  const pictured = (element) => [...up(element)].some((at) => getComputedStyle(at).backgroundImage !== 'none');
  const off = (element) => element.closest(':disabled') !== null;
  /** What one reads, beside what one presses, and what says how something stands. */
  const SIGNS = 'a, button, summary, .button, [role=alert], .badge, .state, .fault, .source, .source-line, .saving, .mark, .tick';
  const running = (element) => !element.closest(SIGNS);

  function* faint() {
    for (const text of texts()) {
      const { element, style, node } = text;
      if (off(element)) continue;
      if (pictured(element)) yield ['before a picture', words(node)];
      const found = contrast(...seen(element, element instanceof SVGElement ? style.fill : style.color));
      const size = sizeOf(text);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const least = large ? 3 : running(element) ? 7 : 4.5;
      if (found < least - 0.005) yield [`${found.toFixed(2)} of ${least}`, words(node)];
    }
    for (const field of scope().querySelectorAll('input, select, textarea')) {
      if (off(field) || !shown(field) || ['radio', 'checkbox', 'file'].includes(field.type)) continue;
      for (const [what, part] of [['value', null], ...(field.placeholder ? [['hint', '::placeholder']] : [])]) {
        const found = contrast(...seen(field, getComputedStyle(field, part).color));
        if (found < 4.495) yield [`${what} ${found.toFixed(2)} of 4.5`, describe(field)];
      }
    }
  }

  /** A button of words alone needs no edge; a field does. */
  function* edgeless() {
    const fields = 'input:not([type=radio], [type=checkbox], [type=file], [type=hidden]), select, textarea';
    for (const element of scope().querySelectorAll(`${fields}, button, .button`)) {
      if (off(element) || !shown(element) || element.getBoundingClientRect().width === 0) continue;
      const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(element);
      const edge = borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0 && channels(borderTopColor)[3] > 0;
      const fill = channels(backgroundColor)[3] > 0;
      if (!edge && !fill && !element.matches(fields)) continue;
      const outside = element.parentElement;
      const best = Math.max(edge ? contrast(...seen(outside, borderTopColor)) : 1, fill ? contrast(...seen(outside, backgroundColor)) : 1);
      if (best < 2.995) yield [`${best.toFixed(2)} of 3`, describe(element)];
    }
  }

  Object.assign(rules, { faint, edgeless });
}
