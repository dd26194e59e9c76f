// The browser itself: a host of its own, and what serves where another host has no way.

const cancelled = (when) => (error) => {
  throw when(error) ? new Error('cancelled') : error;
};

const image = () =>
  new Promise((resolve, reject) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'image/*';
    input.hidden = true;
    input.addEventListener('change', () => resolve(input.files[0]));
    // Engines older than this event leave the question to its time-out.
    input.addEventListener('cancel', () => reject(new Error('cancelled')));
    for (const end of ['change', 'cancel']) input.addEventListener(end, () => input.remove());
    document.body.append(input);
    input.click();
  });

const share = async (what) => {
  if (navigator.share) return navigator.share(what).catch(cancelled(({ name }) => name === 'AbortError'));
  await navigator.clipboard.writeText(what.url);
  return 'copied';
};

const where = () =>
  new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject, { maximumAge: 60_000 })).then(
    ({ coords }) => coords,
    cancelled(({ code }) => code === 1),
  );

const abilities = {
  title: async (text) => void (document.title = text),
  back: async () => history.back(),
  image,
  call: async (number) => location.assign(`tel:${number}`),
  open: async (url) => void window.open(url, '_blank', 'noopener'),
};
if (navigator.share || navigator.clipboard) abilities.share = share;
if (navigator.geolocation) abilities.location = where;

export const adapter = { name: 'browser', bar: false, abilities };
