// The colours of the page around: worn only when everything in them can be read.

/** What the page's own colours are, as in style/tokens.css: the accent, what stands on it, and what it stands on. */
export const OWN = {
  light: { accent: '#09573f', on: '#ffffff', grounds: ['#fcfcfa', '#eef1ee', '#fbeceb', '#e6f2ec'] },
  dark: { accent: '#7fd6b3', on: '#06251a', grounds: ['#141a18', '#212a27', '#3a1f1d', '#17332a'] },
};
const NEEDED = 4.5;
const MOST_RADIUS = 24;

const isColour = (value) => typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
const TOKENS = {
  __proto__: null,
  primary: isColour,
  'on-primary': isColour,
  'primary-dark': isColour,
  'on-primary-dark': isColour,
  radius: (value) => typeof value === 'number' && value >= 0 && value <= MOST_RADIUS,
};

const luminance = (colour) => {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** WCAG's contrast ratio of two colours. */
export const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (high + 0.05) / (low + 0.05);
};

/** Accent and what stands on it, where a theme names one of them. */
const colours = (tokens, scheme) => {
  const [accent, on] = ['primary', 'on-primary'].map((name) => tokens[scheme === 'dark' ? `${name}-dark` : name]);
  return (accent || on) && { accent: accent ?? OWN[scheme].accent, on: on ?? OWN[scheme].on };
};

/** What is wrong with a theme: the first token that is none, or the colour that is hardest to read. */
export const fault = (tokens) => {
  if (typeof tokens !== 'object' || tokens === null) return { kind: 'theme-invalid', token: '' };
  const odd = Object.keys(tokens).find((token) => !TOKENS[token]?.(tokens[token]));
  if (odd !== undefined) return { kind: 'theme-invalid', token: odd };
  const pairs = Object.keys(OWN).flatMap((scheme) => {
    const worn = colours(tokens, scheme);
    const name = (token) => (scheme === 'dark' ? `${token}-dark` : token);
    if (!worn) return [];
    return [
      ...OWN[scheme].grounds.map((ground) => ({ token: name('primary'), ratio: contrast(worn.accent, ground) })),
      { token: name('on-primary'), ratio: contrast(worn.on, worn.accent) },
    ];
  });
  const [worst] = pairs.filter(({ ratio }) => ratio < NEEDED).sort((left, right) => left.ratio - right.ratio);
  // Rounded down, so that a refused ratio never reads as the one that is needed.
  return worst && { kind: 'theme-contrast', token: worst.token, ratio: Math.floor(worst.ratio * 100) / 100, needed: NEEDED };
};

const dark = matchMedia('(prefers-color-scheme: dark)');
const more = matchMedia('(prefers-contrast: more)');
let worn = {};

const dress = () => {
  // Whoever asks for more contrast gets the page's own colours, which have it.
  const { accent, on } = (!more.matches && colours(worn, dark.matches ? 'dark' : 'light')) || {};
  const radius = worn.radius === undefined ? undefined : `${worn.radius}px`;
  for (const [name, value] of Object.entries({ '--accent': accent, '--on-accent': on, '--radius': radius })) {
    if (value) document.documentElement.style.setProperty(name, value);
    else document.documentElement.style.removeProperty(name);
  }
};
for (const query of [dark, more]) query.addEventListener('change', dress);

/** Puts a theme on as a whole, or refuses it as a whole and says why. */
export const wear = (tokens) => {
  const why = fault(tokens);
  if (why) return why;
  worn = tokens;
  dress();
};
