// HTML_CodeSniffer: its errors. Warnings and notices ask a person to look.

import { injector } from './page.mjs';

export const name = 'htmlcs';

const bring = injector('html_codesniffer/build/HTMLCS.js', 'HTMLCS');

export async function check(page) {
  await bring(page);
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const { HTMLCS } = globalThis;
        const place = (element) => {
          if (!element?.parentElement) return element?.localName ?? '';
          if (element.id) return `#${element.id}`;
          return `${place(element.parentElement)} > ${element.localName}:nth-child(${[...element.parentElement.children].indexOf(element) + 1})`;
        };
        const done = () => {
          const errors = HTMLCS.getMessages().filter(({ type }) => type === HTMLCS.ERROR);
          resolve(errors.map(({ code, element, msg }) => ({ rule: code, where: place(element), html: element?.outerHTML ?? '', message: msg })));
        };
        HTMLCS.process('WCAG2AA', document, done, () => reject(new Error('HTML_CodeSniffer gave up')));
      }),
  );
}
