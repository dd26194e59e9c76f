// Starts the page. A file of its own, because the content security policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`);
  // The folder this file lies in is where the page lives on its host.
  const home = new URL('./', document.currentScript.src);
  root.dataset.base = home.pathname;
  root.dataset.router = meta('router').content;
  if (navigator.connection && navigator.connection.saveData) root.dataset.thrifty = '';
  // The address changes without a new document; what is relative to it would move along.
  for (const link of document.querySelectorAll('link[rel=icon], link[rel=manifest]')) link.href = link.href;
  const bring = (name) => import(new URL(name, home));

  /** A notice in the place of what cannot be shown, in both languages, with a way on. What can be read stays. */
  const say = (id, lines, action) => {
    if (document.getElementById(id)) return;
    const read = document.querySelector('[data-page] main, [data-form] main');
    if (!read) for (const part of [...document.body.children]) part.remove();
    const box = document.createElement('div');
    box.id = id;
    box.setAttribute('role', 'alert');
    for (const [lang, text] of lines) {
      // Where nothing else is left the first line is the heading.
      const line = document.createElement(read || box.firstChild ? 'p' : 'h1');
      line.lang = lang;
      line.textContent = text;
      box.append(line);
    }
    if (action) box.append(action);
    const place = read || document.body.appendChild(document.createElement('main'));
    place.prepend(box);
  };
  /** Something failed for good: say so calmly, and name the other ways. */
  const recover = () => {
    const again = document.createElement('button');
    again.className = 'button primary';
    again.innerHTML = '<span>刷新 · <span lang="en">Reload</span></span>';
    again.addEventListener('click', () => location.reload());
    say(
      'recovery',
      [
        ['zh-CN', '页面没能打开'],
        ['zh-CN', '已保存的内容都在。请刷新页面，或拨打 12345。'],
        ['en', 'The page could not be opened. What you saved is kept. Please reload, or call 12345.'],
      ],
      again,
    );
    window.dispatchEvent(new CustomEvent('onething:event', { detail: { type: 'error', kind: 'failed' } }));
  };
  // How the page is written: as the address asks, else as it was chosen last.
  const asked = /[?&]style=(elder|standard)/.exec(location.href);
  let [style, size] = [asked && asked[1], null];
  try {
    if (style) localStorage.setItem('style', style);
    [style, size] = ['style', 'text'].map((name) => localStorage.getItem(name));
  } catch (error) {
    // Nothing is kept here: the address alone says it.
  }
  if (style) root.dataset.style = style;
  if (size) root.style.setProperty('--text', `${parseFloat(size)}px`);
  if (window.speechSynthesis) root.dataset.voice = '';

  // A panic ends the program; the draft is on the server.
  const crashed = (error) => {
    if (window.WebAssembly && error instanceof WebAssembly.RuntimeError) recover();
  };
  window.addEventListener('error', (event) => crashed(event.error));
  window.addEventListener('unhandledrejection', (event) => crashed(event.reason));

  // Works before the program is there, and on the pages that need none.
  document.addEventListener('click', (event) => {
    if (!event.target.closest) return;
    if (event.target.closest('[data-print]')) window.print();
    const [restyled, resized, spoken] = ['[data-restyle]', '[data-resize]', '[data-speak]'].map((one) => event.target.closest(one));
    if (restyled) event.preventDefault();
    if (restyled || resized || spoken) {
      bring('elder.js').then(({ restyle, resize, speak }) => {
        if (restyled) restyle(restyled.dataset.restyle);
        else if (resized) resize(resized.dataset.resize === 'up');
        else speak(spoken);
      }, () => restyled && location.assign(restyled.href));
    }
    const other = event.target.closest('a[hreflang]');
    try {
      // Chosen before the program is there to remember it.
      if (other && root.dataset.live === undefined) localStorage.setItem('language', other.hreflang);
    } catch (error) {
      // Then the address alone says it.
    }
  });
  document.addEventListener('submit', (event) => {
    // What the build drew has no program behind its forms, live or not.
    if (root.dataset.live === undefined || event.target.closest('.screen')) event.preventDefault();
  });

  if (!window.WebAssembly) {
    say('unsupported', [
      ['zh-CN', '这个浏览器太旧，不能在线填写。您可以阅读办事指南，拨打 12345，或到政务服务中心窗口办理。'],
      ['en', 'This browser is too old to fill in the form. You can read the guide, call 12345, or go to a service counter.'],
    ]);
    return;
  }

  // Which part holds the screen asked for: the same rule as `Route::part`.
  const hash = location.hash.startsWith('#/');
  const path = hash ? location.hash.slice(2) : location.pathname.slice(home.pathname.length);
  // Every language but the source has a folder of its own.
  root.dataset.languages = meta('languages').content.split(';').slice(1).map((line) => line.split('|')[0]).join('|');
  const [first = '', second = '', third = '', fourth = ''] = path.replace(new RegExp(`^(${root.dataset.languages})(/|$)`), '').split(/[?/]/);
  const part = () => {
    if (first === 'bundles') return third ? 'starting' : 'guide';
    if (first === 'sign-in') return 'starting';
    if (first === 'continue') return 'handover';
    if (first === 'drafts') return third;
    if (first === 'pay' || third === 'pay') return 'paying';
    if (first === 'applications') return { '': 'progress', correction: 'correction' }[third] || 'outcome';
    return ['mine', 'documents', 'proofs', 'feedback', 'receipts'].includes(first) ? 'mine' : 'home';
  };
  const program = meta('program');
  const parts = Object.fromEntries(program.dataset.parts.split(';').map((entry) => entry.split(':')));
  const files = (part) => (parts[part] || '').split(' ').filter(Boolean);
  const early = {};
  const boot = document.getElementById('boot');
  // What the address or the reader asks for, else what the page is drawn in; which of these the program finds out anew.
  let spoken = path.startsWith(first) ? root.lang : path.split('/')[0];
  try {
    if (path.startsWith(first)) spoken = localStorage.getItem('language') || spoken;
  } catch (error) {
    // Then it is the page's own.
  }
  const still = boot.dataset.page !== undefined && !hash;
  if ((boot.dataset.page !== undefined && hash) || (boot.dataset.form !== undefined && (hash || spoken !== root.dataset.drawn))) {
    // Another screen is asked for than the one the build drew, or another language.
    delete boot.dataset.page;
    delete boot.dataset.form;
    boot.className = 'skeleton seen';
    boot.textContent = '';
    boot.append(...[1, 2, 3].map(() => document.createElement('span')));
  }
  /** Code is compiled while it comes. */
  const compile = async (name) => {
    const answer = await fetch(new URL(name, home));
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    // Some hosts' static servers know no application/wasm.
    const known = answer.headers.get('content-type') === 'application/wasm';
    return known && WebAssembly.compileStreaming ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
  };
  const prepare = () => {
    // A page that was drawn by the build needs no code of its part.
    for (const name of still ? [] : files(part())) {
      early[name] = compile(name);
      // Whoever waits for it hears what went wrong.
      early[name].catch(() => undefined);
    }
  };

  // A draft's screens ask for the draft and its errand: both are on their way while the program comes. What it asks for in
  // another language, or later, it asks for itself.
  const begun = {};
  const begin = (name, language) => {
    const got = fetch(`${home.pathname}api/v1${name}`, { headers: { 'accept-language': language } });
    return (begun[`${name} ${language}`] = got.then((answer) => (answer.ok ? answer.text() : undefined)).catch(() => undefined));
  };
  const takeBegun = async (name, language) => {
    const answer = begun[`${name} ${language}`];
    delete begun[`${name} ${language}`];
    return answer;
  };
  let sight;
  if (first === 'drafts') {
    const draft = begin(`/drafts/${second}`, spoken);
    const bundle = draft.then((text) => text && begin(`/bundles/${JSON.parse(text).bundle}`, spoken));
    // One question at a time is asked by the program itself.
    if (boot.dataset.form !== undefined && root.dataset.style !== 'elder') {
      sight = window.onethingSight({ home, boot, route: [first, second, third, fourth].join('/'), group: fourth, answers: Promise.all([draft, bundle]), spoken });
    }
  }

  // What is typed and not yet sent is sealed on the device; the code for it comes when it is needed.
  let vault;
  const sealed = (name) => async (...args) => (await (vault ??= bring('vault.js')))[name](...args);
  // So is sending files.
  let uploads;
  const sent = (name) => async (...args) => (await (uploads ??= bring('upload.js')))[name](...args);
  const upload = Object.fromEntries(['start', 'turn', 'waiting', 'resume', 'acknowledge', 'cancel', 'leave'].map((name) => [name, sent(name)]));
  // And asking the wallet the page runs in.
  const paid = (name) => async (...args) => (await bring('pay.js'))[name](...args);
  const wipe = async () => {
    // Other tabs may be sending even where this one never did. Whatever fails here, the wiping goes on.
    if (uploads) await uploads.then(({ stop }) => stop(), () => undefined);
    else if (window.BroadcastChannel) new BroadcastChannel('onething').postMessage({ stop: true });
    return sealed('wipe')();
  };

  /** The application stands below the page of the build: one frame later nobody can tell them apart. */
  const swap = () => {
    if (boot.isConnected) {
      const [kept, place] = [boot, document.body].map((side) => side.querySelector(side === boot ? '.screen' : ':scope > main .screen'));
      const links = (side) => [...side.querySelectorAll('.skip, .bar a, .foot a')];
      const held = links(boot).indexOf(document.activeElement);
      const inside = kept && place && kept.contains(document.activeElement) ? document.activeElement : undefined;
      const [x, y] = [window.scrollX, window.scrollY];
      // Moving nodes lets go of what was selected and focused in them.
      const selection = document.getSelection();
      const range = kept && selection.rangeCount && kept.contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : undefined;
      const ends = range && [range.startContainer, range.startOffset, range.endContainer, range.endOffset];
      if (kept && place) place.append(...kept.childNodes);
      boot.remove();
      if (inside) inside.focus({ preventScroll: true });
      else if (held >= 0) links(document.body)[held].focus({ preventScroll: true });
      if (ends) selection.setBaseAndExtent(...ends);
      if (window.scrollX !== x || window.scrollY !== y) window.scrollTo(x, y);
    }
    root.dataset.live = '';
    const idle = window.requestIdleCallback || ((work) => setTimeout(work, 200));
    const drawn = boot.dataset.page;
    idle(() => bring('offline.js').then(({ compareTexts }) => drawn !== undefined && compareTexts(drawn)).catch(() => undefined));
  };
  const takeOver = () => (sight && sight.stands() ? sight.handOver(swap) : swap());
  /** Code could not be loaded: perhaps a newer release took its place. */
  const missed = async () => {
    const writing = root.dataset.busy !== undefined;
    try {
      const { recover: lookAnew } = await bring('offline.js');
      // The screen that could not be shown is no reason to forget that somebody wrote on the one before.
      if (writing) root.dataset.busy = '';
      await lookAnew();
    } catch (error) {
      // The network: whoever asked tries again.
    }
  };
  /** Tells whoever embeds the page; `subject` is a route or an application. */
  const tell = (type, subject, title) => {
    const detail = type === 'step' ? { type, route: subject, title } : { type, application: subject };
    // Whoever has typed is asked before anything is loaded anew (offline.js).
    if (type === 'step' && !/^(drafts|bundles)\//.test(subject)) delete root.dataset.busy;
    window.dispatchEvent(new CustomEvent('onething:event', { detail }));
  };
  document.addEventListener('input', (event) => {
    if (event.target.closest('main form')) root.dataset.busy = '';
  });
  /** Asks the app around the page. */
  const ask = async (ability, argument) => {
    const app = await host;
    if (!app) return { ok: false, why: 'absent' };
    await app.ready;
    return app.ask(ability, argument);
  };
  const pay = { jsapi: paid('jsapi'), tradePay: paid('tradePay') };
  window.onething = { early, compile, files, begun: takeBegun, missed, takeOver, tell, ask, upload, pay, vault: { keep: sealed('keep'), drop: sealed('drop'), adopt: sealed('adopt'), wipe } };

  // An app around the page, or an address it left a ticket in; a plain tab has nothing to ask.
  const app = /dtdreamweb|MicroMessenger|alipay|miniprogram/i.test(navigator.userAgent);
  // Such an app draws a bar of its own; host.js brings ours back where its bridge does not come.
  if (app) root.dataset.bar = 'host';
  const hosted = app || /[?&](host|ticket|ticketId)=/.test(location.href) || window.parent !== window || window.ZWJSBridge || window.onethingHost;
  const host = hosted && bring('host.js').then(async ({ start }) => (window.onething.host = await start())).catch(() => undefined);

  // What is seen first has the line to itself, unless the answers it is drawn from are late.
  const wait = Promise.resolve(sight && sight.tried).then(() => {
    prepare();
    return Promise.all([import(new URL(program.content, document.baseURI)), host]);
  });
  wait.then(([module]) => module.default({ module_or_path: new URL(program.dataset.wasm, document.baseURI) })).catch(async () => {
    await missed();
    recover();
  });
})();
