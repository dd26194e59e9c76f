// What a citizen does, screen by screen: page objects over the real page.

import { look } from './browser.mjs';

/** Believable answers by kind of field. */
const ANSWERS = {
  text: '测试', long_text: '测试说明', name: '张三丰', company: '测试有限公司', id_number: '11010519491231002X',
  document_number: 'G12345678', uscc: '91350100M000100Y43', mobile: '13900001111', date: '2026-11-01',
  datetime: '2026-11-01T08:30', month: '2026-11', number: '1', money: '100.00', percent: '50',
  address: '测试路 1 号', bank_account: '6222021234567890123', phone: '0453-6282828', email: 'name@example.com',
  partial_date: '2001-07',
};

export class Citizen {
  constructor(page, server, bundle, { prefix = bundle } = {}) {
    Object.assign(this, { page, server, bundle, prefix });
  }

  async look(name) {
    await look(this.page, `${this.prefix}-${name}`);
  }

  heading(text) {
    return this.page.locator('h1', { hasText: text });
  }

  /** From the first screen, by search, to the guide. */
  async findGuide(words) {
    const { page } = this;
    await page.goto(this.server.url);
    await page.locator('#search').waitFor();
    await this.look('home');
    await page.locator('#search').fill(words);
    await page.locator(`a.card[href$="bundles/${this.bundle}"]`).first().click();
    await page.locator('.guide').waitFor();
    await this.look('guide');
  }

  /** Answers the situations and goes on to the sign-in. */
  async answerSituations(answers) {
    const { page } = this;
    await page.locator('.guide .action a.primary').click();
    await page.locator('form fieldset.field').first().waitFor();
    await page.locator('form > .action button').click();
    await page.locator('#faults').waitFor();
    await this.look('situations-faults');
    for (const [fact, value] of Object.entries(answers)) {
      const asked = page.locator(`[data-field="${fact}"]`);
      // In the elder style the questions come one by one.
      if (!(await asked.isVisible())) await page.locator('form > .action button').click();
      await asked.waitFor();
      for (const one of [value].flat()) await page.locator(`#f-${fact} input[value="${one}"]`).check();
    }
    await this.look('situations');
    await page.locator('form > .action button').click();
  }

  async signIn(persona) {
    const { page } = this;
    await page.locator(`[data-persona="${persona}"]`).waitFor();
    await this.look('sign-in');
    await page.locator(`[data-persona="${persona}"]`).click();
    await this.begin();
  }

  /** Comes to the form; who has begun before begins anew. */
  async begin() {
    const { page } = this;
    await page.locator('.saving, #anew').first().waitFor();
    if (await page.locator('#anew').count()) await page.locator('#anew').click();
    await page.locator('.saving').waitFor();
    this.draft = /drafts\/([0-9a-f]+)/.exec(page.url())[1];
  }

  /** Kinds and columns of the errand's fields. */
  async fields() {
    if (!this.known) {
      const { bundle } = await (await fetch(`${this.server.api}/bundles/${this.bundle}`)).json();
      this.known = new Map([...(bundle.questions ?? []), ...bundle.fields].map((field) => [field.id, field]));
    }
    return this.known;
  }

  /** The box of a field. */
  field(id) {
    return this.page.locator(`[data-field="${id}"]`);
  }

  /** Fills whatever is asked and empty on this step. */
  async fillStep(own = {}) {
    const { page } = this;
    const fields = await this.fields();
    // Answers open further questions: look again until nothing is empty.
    for (let round = 0; round < 6; round += 1) {
      const empty = await page.evaluate(() => {
        const filled = (box) => {
          if (box.querySelector('output:not(.digits), .known-line, .row-of-list, [data-act=place]')) return true;
          const choices = [...box.querySelectorAll('input[type=radio], input[type=checkbox]:not([data-same])')];
          if (choices.length > 0) return choices.some((choice) => choice.checked);
          const controls = [...box.querySelectorAll('input:not([data-same]), select, textarea')];
          return controls.length > 0 && controls.every((control) => control.value !== '');
        };
        return [...document.querySelectorAll('main [data-field]')].filter((box) => box.checkVisibility() && !filled(box)).map((box) => box.dataset.field);
      });
      const open = empty.filter((id) => fields.get(id)?.required || id in own);
      if (open.length === 0) return;
      for (const id of open) await this.fill(fields.get(id), own[id]);
    }
  }

  async fill(field, own) {
    const { page } = this;
    const box = this.field(field.id);
    const control = page.locator(`#f-${field.id}`);
    if (field.kind === 'list') {
      await box.locator('[data-act=add]').click();
      for (const column of field.columns) {
        if (column.kind === 'region') {
          await this.choosePlace(box.locator(`[data-column="${column.id}"]`));
          continue;
        }
        const cell = page.locator(`#f-${field.id}-0-${column.id}`);
        const choice = (await cell.evaluate((element) => element.tagName)) === 'SELECT';
        if (choice) await cell.selectOption({ index: 1 });
        else await cell.fill(ANSWERS[column.kind] ?? '测试');
      }
      await page.locator('h1').click();
    } else if (field.kind === 'region') {
      await this.choosePlace(box);
    } else if (field.kind === 'date_range') {
      await box.locator('[data-part=from]').fill('2026-01-01');
      await box.locator('[data-part=to]').fill('2026-12-31');
    } else if (['choice', 'yes_no', 'choices'].includes(field.kind)) {
      if (await box.locator('[role=combobox]').count()) {
        await control.fill(own ?? '');
        await control.press('ArrowDown');
        await control.press('Enter');
      } else if (await box.locator('select').count()) await control.selectOption(own ?? { index: 1 });
      else if (own) await box.locator(`input[value="${own}"]`).check();
      else await box.locator('input').first().check();
    } else {
      await control.fill(own ?? ANSWERS[field.kind] ?? '测试');
      await control.blur();
    }
  }

  /** Names a place of the demo city, level by level, as far as it is asked. */
  async choosePlace(box) {
    const steps = ['99', '9901', '990105', '990105002', '990105002003'];
    const digits = Number(await box.locator('.levels, :scope[data-levels]').first().getAttribute('data-levels'));
    for (const [level, code] of steps.filter((code) => code.length <= digits).entries()) {
      await box.locator(`select[data-level="${level}"] option[value="${code}"]`).waitFor({ state: 'attached' });
      await box.locator(`select[data-level="${level}"]`).selectOption(code);
    }
  }

  /** Through every step of the form, to the materials. */
  async fillForm(own = {}) {
    const { page } = this;
    for (let step = 1; ; step += 1) {
      await page.locator('.saving').waitFor();
      await this.fillStep(own);
      if (step === 1) await this.look('form');
      const before = page.url();
      await page.locator('main form > .action button').click();
      await page.waitForFunction((url) => location.href !== url || document.getElementById('faults'), before);
      if (await page.locator('#faults').count()) throw new Error(`step ${before}: ${await page.locator('#faults').innerText()}`);
      if (page.url().endsWith('/materials')) return;
      if (step > 20) throw new Error('the form has no end');
    }
  }

  /** Provides whatever is missing: what the store has in one tap, a photo where nothing else serves. */
  async provideMaterials({ except = [] } = {}) {
    const { page } = this;
    await page.locator('.checklist, .lead').first().waitFor();
    await this.look('materials');
    const reuse = page.locator('#reuse button.primary');
    if (await reuse.count()) {
      await reuse.click();
      await page.locator('#reuse').waitFor({ state: 'detached' });
    }
    const skipped = except.map((id) => `:not(#m-${id})`).join('');
    const open = page.locator(`.checklist > li:not(.met)${skipped}`);
    while ((await open.count()) > 0) {
      const before = await open.count();
      await open.first().locator('input[type=file]').setInputFiles(new URL('../fixtures/photo.png', import.meta.url).pathname);
      await page.waitForFunction(([selector, count]) => document.querySelectorAll(selector).length < count, [`.checklist > li:not(.met)${skipped}`, before]);
    }
    if (except.length === 0) await this.goOnToReview();
  }

  async goOnToReview() {
    const { page } = this;
    await this.look('materials-done');
    await page.locator('main > .action button').click();
    await page.locator('#submit').waitFor();
    await this.look('review');
  }

  /** Submits, and gives the receipt number. */
  async submit() {
    const { page } = this;
    await page.locator('#submit').click();
    return this.receipt();
  }

  async receipt() {
    const { page } = this;
    await page.locator('.receipt strong').waitFor();
    this.application = /applications\/([0-9a-f]+)/.exec(page.url())[1];
    await this.look('progress');
    return page.locator('.receipt strong').innerText();
  }

  /** Waits, without reloading, until the page shows this lane state word. */
  async seesLane(word) {
    await this.page.locator('.state', { hasText: word }).first().waitFor();
  }

  /** Collects the results and rates. */
  async collectAndRate(level) {
    const { page } = this;
    await page.locator('a[href$="/certificates"]').click();
    await page.locator('.certificates').waitFor();
    await this.look('certificates');
    const picture = page.locator('.certificate').first();
    await page.waitForFunction((image) => image.complete && image.naturalWidth > 0, await picture.elementHandle());
    await page.locator('a[href$="/rating"]').click();
    await page.locator('.face').first().waitFor();
    await this.look('rating');
    await page.locator(`.face[data-level="${level}"]`).click();
  }
}
