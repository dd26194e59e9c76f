// What may be asked of a host: how long an answer may take, what goes to it, and what of the answer counts. Whatever is
// not of its shape throws, and the question has failed.

/** The largest picture, in characters of base64: 20 MB. */
const PICTURE = 28_000_000;
/** How base64 begins for the pictures we take. */
const PICTURES = { '/9j/': 'jpeg', iVBORw0KGgo: 'png', UklGR: 'webp' };

const wrong = () => {
  throw new Error('failed');
};
const nothing = () => undefined;
const text = (value, longest) => (typeof value === 'string' && value && value.length <= longest ? value : wrong());
const short = (value, longest) => String(value ?? '').slice(0, longest);
const address = (value, protocols) => {
  const url = new URL(text(value, 2_048), document.baseURI);
  return protocols.includes(url.protocol) ? url.href : wrong();
};
const object = (value) => (typeof value === 'object' && value ? value : wrong());
/** Bridges write numbers as words, too. */
const number = (value, least, most) => {
  const found = typeof value === 'string' && value.trim() ? Number(value) : value;
  return typeof found === 'number' && found >= least && found <= most ? found : wrong();
};

export const isTicket = (value) => typeof value === 'string' && /^[\w.~+/=:-]{1,512}$/.test(value);

/** Digits, so that no number is a command to the telephone. */
const telephone = (value) => {
  const digits = text(value, 32).replace(/[\s()-]/g, '');
  return /^\+?\d{3,20}$/.test(digits) ? digits : wrong();
};

const picture = (value) => {
  if (value instanceof File) return value;
  const code = text(value, PICTURE).replace(/^data:image\/[\w.+-]+;base64,/, '').replace(/\s/g, '');
  const kind = PICTURES[Object.keys(PICTURES).find((head) => code.startsWith(head))] ?? wrong();
  return new File([Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0))], `photo.${kind}`, { type: `image/${kind}` });
};

const place = ({ latitude, longitude, accuracy }) => ({
  latitude: number(latitude, -90, 90),
  longitude: number(longitude, -180, 180),
  accuracy: accuracy === undefined || accuracy === null ? null : number(accuracy, 0, 1e6),
});

const style = ({ elder, scale }) => ({
  elder: typeof elder === 'boolean' ? elder : wrong(),
  scale: scale === undefined || scale === null ? null : number(scale, 0.5, 3),
});

export const RULES = {
  __proto__: null,
  ticket: { time: 8_000, given: nothing, read: (value) => (isTicket(value) ? value : wrong()) },
  title: { time: 2_000, given: (title) => short(title, 120), read: nothing },
  back: { time: 2_000, given: nothing, read: nothing },
  close: { time: 2_000, given: nothing, read: nothing },
  share: {
    time: 120_000,
    given: (what) => ({
      title: short(what.title, 120),
      text: short(what.text, 500),
      url: address(what.url, ['https:', location.protocol]),
    }),
    // A browser that cannot share copies the address: somebody has to be told.
    read: (value) => (value === 'copied' ? value : undefined),
  },
  scan: { time: 120_000, given: nothing, read: (value) => text(value, 2_000) },
  image: { time: 300_000, given: nothing, read: picture },
  location: { time: 20_000, given: nothing, read: place },
  call: { time: 5_000, given: telephone, read: nothing },
  open: { time: 5_000, given: (url) => address(url, ['https:']), read: nothing },
  // What a wallet says proves nothing: whoever asked asks the backend.
  pay: { time: 100_000, given: object, read: nothing },
  style: { time: 2_000, given: nothing, read: style },
};
