// Starts the page. A file of its own, because the content security policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`);
  // The folder this file lies in is where the page lives on its host.
  const home = new URL('./', document.currentScript.src);
  root.dataset.base = home.pathname;
  root.dataset.router = meta('router').content;

  /** Something failed for good: say so calmly, and name the other ways. */
  const recover = () => {
    if (document.getElementById('recovery')) return;
    document.getElementById('boot')?.remove();
    const box = document.createElement('div');
    box.id = 'recovery';
    box.setAttribute('role', 'alert');
    for (const [lang, text] of [
      ['zh-CN', '页面没能打开。已保存的内容都在。请刷新页面，或拨打 12345。'],
      ['en', 'The page could not be opened. What you saved is kept. Please reload, or call 12345.'],
    ]) {
      const line = document.createElement('p');
      line.lang = lang;
      line.textContent = text;
      box.append(line);
    }
    const again = document.createElement('button');
    again.className = 'button primary';
    again.textContent = '刷新 · Reload';
    again.addEventListener('click', () => location.reload());
    box.append(again);
    document.body.prepend(box);
  };
  // A panic ends the program; the draft is on the server.
  window.addEventListener('error', (event) => {
    if (event.error instanceof WebAssembly.RuntimeError) recover();
  });

  // Which program holds the screen asked for: the same rule as `Route::program`.
  const route = location.hash.startsWith('#/') || root.dataset.router === 'hash' ? location.hash.slice(2) : location.pathname.slice(home.pathname.length);
  const [first = '', , third = ''] = route.split(/[?/]/);
  const reading = ['', 'index.html', 'help'].includes(first) || (first === 'bundles' && !third);
  const finishing = first === 'continue' || third === 'correction' || (first === 'drafts' && third !== 'form');
  const following = ['applications', 'mine', 'documents', 'proofs', 'feedback'].includes(first);
  const paying = ['pay', 'receipts'].includes(first) || (first === 'applications' && third === 'pay');
  const filling = ['bundles', 'sign-in', 'drafts'].includes(first);
  const program = reading ? 'reading' : paying ? 'paying' : finishing ? 'finishing' : following ? 'following' : filling ? 'filling' : 'reading';
  const app = meta(program);

  // What is typed and not yet sent is sealed on the device; the code for it comes when it is needed.
  let vault;
  const sealed = (name) => async (...args) => (await (vault ??= import(new URL('vault.js', home))))[name](...args);
  // So is sending files.
  let files;
  const sent = (name) => async (...args) => (await (files ??= import(new URL('upload.js', home))))[name](...args);
  const upload = Object.fromEntries(['start', 'turn', 'waiting', 'resume', 'acknowledge', 'cancel', 'leave'].map((name) => [name, sent(name)]));
  // And asking the wallet the page runs in.
  const paid = (name) => async (...args) => (await import(new URL('pay.js', home)))[name](...args);
  const wipe = async () => {
    // Other tabs may be sending even where this one never did. Whatever fails here, the wiping goes on.
    if (files) await files.then(({ stop }) => stop(), () => undefined);
    else if (window.BroadcastChannel) new BroadcastChannel('onething').postMessage({ stop: true });
    return sealed('wipe')();
  };
  window.onething = { upload, pay: { jsapi: paid('jsapi'), tradePay: paid('tradePay') }, vault: { keep: sealed('keep'), drop: sealed('drop'), adopt: sealed('adopt'), wipe } };

  const at = (path) => new URL(path.replace(/^\.\//, ''), home);
  import(at(app.content)).then((module) => module.default({ module_or_path: at(app.dataset.wasm) })).catch(recover);
})();
