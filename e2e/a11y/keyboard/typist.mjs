// A citizen without a pointer: everything is come to with Tab and done with keys.

import assert from 'node:assert/strict';
import { Citizen } from '../../lib/citizen.mjs';

/** Longer than any screen of an errand. */
const MOST = 300;
const PHOTO = new URL('../../fixtures/photo.png', import.meta.url).pathname;

/** Believable answers by kind of field, as they are typed. */
const ANSWERS = {
  name: '张三丰', id_number: '11010519491231002X', document_number: 'G12345678', mobile: '13900001111', phone: '0453-6282828',
  date: '2026-11-01', datetime: '2026-11-01T08:30', month: '2026-11', number: '1', email: 'name@example.com', address: '测试路 1 号',
};

/** Counts what a pointer does in every document; nothing may. */
export const watchPointers = (page) =>
  page.addInitScript(() => {
    for (const kind of ['pointerdown', 'mousedown', 'touchstart']) addEventListener(kind, () => sessionStorage.setItem('pointed', kind), true);
  });

export const pointed = (page) => page.evaluate(() => sessionStorage.getItem('pointed'));

export class Typist extends Citizen {
  /** Tabs until the focus is on what is looked for. */
  async tabTo(selector, words = '') {
    const { page } = this;
    const is = ([selector, words]) => document.activeElement.matches(selector) && document.activeElement.innerText.includes(words);
    const there = () => page.evaluate(is, [selector, words]);
    for (let tabs = 0; !(await there()); tabs += 1) {
      assert.ok(tabs < MOST, `Tab does not come to ${selector} ${words}`);
      await page.keyboard.press('Tab');
    }
  }

  async press(selector, words) {
    await this.tabTo(selector, words);
    await this.page.keyboard.press('Enter');
  }

  /** Whoever pressed something is somewhere, not at the top of the document again. */
  async standsSomewhere(where) {
    // A screen moves the focus in a frame to come: on a busy machine later than any time.
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 200)))));
    assert.ok(await this.page.evaluate(() => document.activeElement !== document.body), `the focus is lost on ${where}`);
  }

  /** Takes one of a group of radios with the arrows, or ticks a box. */
  async choose(group, value) {
    const { page } = this;
    const chosen = () => page.evaluate(([group, value]) => document.querySelector(`${group} input[value="${value}"]`).checked, [group, value]);
    if (await page.locator(`${group} input[type=checkbox]`).count()) {
      await this.tabTo(`${group} input[value="${value}"]`);
      if (!(await chosen())) await page.keyboard.press('Space');
      return;
    }
    await this.tabTo(`${group} input[type=radio]`);
    await page.keyboard.press('Space');
    for (let steps = 0; !(await chosen()); steps += 1) {
      assert.ok(steps < 40, `arrows do not come to ${value} of ${group}`);
      await page.keyboard.press('ArrowDown');
    }
  }

  async findGuide(words) {
    const { page } = this;
    await page.locator('#search').waitFor();
    await this.tabTo('#search');
    await page.keyboard.type(words);
    await page.locator(`a.card[href$="bundles/${this.bundle}"]`).first().waitFor();
    await this.press(`a.card[href$="bundles/${this.bundle}"], a.card[href$="bundles/${this.bundle}/"]`);
    await page.locator('.guide').waitFor();
    await this.standsSomewhere('the guide');
  }

  /** Answers one question after the other, on one screen or on many. */
  async answerSituations(answers) {
    const { page } = this;
    await this.press('.guide .action a.primary');
    await page.locator('form fieldset.field').first().waitFor();
    await this.standsSomewhere('the situations');
    for (let turns = 0; turns < 40 && page.url().includes('/situations'); turns += 1) {
      for (const [fact, value] of Object.entries(answers)) {
        if (await page.locator(`#f-${fact}`).isVisible()) await this.choose(`#f-${fact}`, value);
      }
      await this.goOn('form > .action button.primary');
    }
  }

  /** Presses the way on, and waits for what it leads to: the next question or another screen. */
  async goOn(button) {
    const { page } = this;
    const stand = () => [location.href, document.querySelector('h1')?.innerText, document.querySelector('.turn')?.innerText].join();
    const before = await page.evaluate(stand);
    await this.press(button);
    for (let tries = 0; (await page.evaluate(stand)) === before && !(await page.locator('#faults').count()); tries += 1) {
      assert.ok(tries < 300, `${button} leads nowhere`);
      await page.waitForTimeout(50);
    }
    if (await page.locator('#faults').count()) throw new Error(`${page.url()}: ${await page.locator('#faults').innerText()}`);
    await this.standsSomewhere(page.url());
  }

  async signIn(persona) {
    const { page } = this;
    await page.locator(`[data-persona="${persona}"]`).waitFor();
    await this.press(`[data-persona="${persona}"]`);
    await page.locator('.saving').waitFor();
    this.draft = /drafts\/([0-9a-f]+)/.exec(page.url())[1];
    await this.standsSomewhere('the form');
  }

  async fillForm(own = {}) {
    const { page } = this;
    for (let turns = 0; !page.url().endsWith('/materials'); turns += 1) {
      assert.ok(turns < 150, 'the form has no end');
      await page.locator('.saving').waitFor();
      await this.fillStep(own);
      await this.goOn('main form > .action button.primary');
    }
  }

  async fill(field, own) {
    const { page } = this;
    const id = `#f-${field.id}`;
    if (field.kind === 'region') return this.choosePlace(field.id);
    if (['choice', 'yes_no', 'choices'].includes(field.kind)) return this.answer(field, own);
    await this.tabTo(id);
    await this.write(await page.locator(id).getAttribute('type'), own ?? ANSWERS[field.kind] ?? '测试');
    await page.keyboard.press('Tab');
  }

  /** Types; a date part by part, as its own keyboard wants it. */
  async write(type, text) {
    const { keyboard } = this.page;
    if (!['date', 'datetime-local', 'month'].includes(type)) return keyboard.type(text);
    const [year, ...rest] = text.split(/\D/);
    await keyboard.type(year);
    await keyboard.press('ArrowRight');
    await keyboard.type(rest.join(''));
  }

  async answer(field, own) {
    const { page } = this;
    const box = this.field(field.id);
    if (await box.locator('[role=combobox]').count()) {
      await this.tabTo(`#f-${field.id}`);
      await page.keyboard.type(own ?? '');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    } else if (await box.locator('select').count()) {
      await this.tabTo(`#f-${field.id}`);
      await page.keyboard.press('ArrowDown');
    } else {
      await this.choose(`[data-field="${field.id}"]`, own ?? (await box.locator('input').first().getAttribute('value')));
    }
  }

  /** A place, level by level: whatever stands second in each list. */
  async choosePlace(field) {
    const { page } = this;
    const level = (number) => `[data-field="${field}"] select[data-level="${number}"]`;
    for (let number = 0; number < 5 && (await page.locator(level(number)).count()); number += 1) {
      await page.locator(`${level(number)} option:nth-child(2)`).waitFor({ state: 'attached' });
      await this.tabTo(level(number));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Tab');
      await page.waitForTimeout(100);
    }
  }

  /** What the store has in one press; a photo, from the chooser that a key opens, where nothing else serves. */
  async provideMaterials() {
    const { page } = this;
    await page.locator('.checklist, .lead').first().waitFor();
    if (await page.locator('#reuse').count()) {
      await this.press('#reuse button.primary');
      await page.locator('#reuse').waitFor({ state: 'detached' });
      await this.standsSomewhere('the materials');
    }
    const open = page.locator('.checklist > li:not(.met)');
    while ((await open.count()) > 0) {
      const before = await open.count();
      await this.tabTo('.checklist > li:not(.met) input[type=file]');
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
      await chooser.setFiles(PHOTO);
      await page.waitForFunction((count) => document.querySelectorAll('.checklist > li:not(.met)').length < count, before);
      await this.standsSomewhere('a material just provided');
    }
    await this.press('main > .action button.primary');
    await page.locator('#submit').waitFor();
    await this.standsSomewhere('the review');
  }

  async submit() {
    const { page } = this;
    await this.press('#submit');
    await page.locator('.receipt strong').waitFor();
    await this.standsSomewhere('the receipt');
    return page.locator('.receipt strong').innerText();
  }

  /** Gives what the department asks for again: a name and the marriage certificate. */
  async correct() {
    const { page } = this;
    await page.locator('a[href$="/correction"]').waitFor();
    await this.press('a[href$="/correction"]');
    await page.locator('main form').waitFor();
    await this.standsSomewhere('the correction');
    await this.tabTo('#f-baby_name');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('林小满');
    await this.press('.ways button', '结婚证');
    await this.standsSomewhere('the material asked for again');
    await this.press('main form > .action button.primary');
    await page.locator('.receipt').waitFor();
    await this.standsSomewhere('the receipt');
  }

  async collectAndRate(level) {
    const { page } = this;
    await this.press('a[href$="/certificates"]');
    await page.locator('.certificates').waitFor();
    await this.standsSomewhere('the certificates');
    await this.press('a[href$="/rating"]');
    await page.locator('.face').first().waitFor();
    await this.standsSomewhere('the rating');
    await this.press(`.face[data-level="${level}"]`);
    await page.locator('.notice.good').waitFor();
    await this.standsSomewhere('the thanks');
  }
}
