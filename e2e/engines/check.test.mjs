// The check itself: what is below the floor must be found, what is guarded must not.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';

import binaryen from 'binaryen';

import { apis } from './apis.mjs';
import { check } from './check.mjs';
import { entry, lacking } from './data.mjs';
import { styles } from './styles.mjs';
import { syntax } from './syntax.mjs';
import { wasm } from './wasm.mjs';

const includes = (list, one) => assert.ok(list.includes(one), `${one} is not in ${list}`);
const keys = ({ findings }) => findings.map(({ key }) => key).sort();

/** Compiles text as it stands, unless told otherwise with every feature allowed. */
const module = (text, features = binaryen.Features.All) => {
  const made = binaryen.parseText(`(module ${text})`);
  made.setFeatures(features);
  const bytes = made.emitBinary();
  made.dispose();
  return bytes;
};

describe('wasm', () => {
  const BELOW = {
    '(func (export "f") (param externref))': ['reference-types'],
    '(table 1 funcref) (table 1 funcref)': ['reference-types'],
    '(func $f) (elem declare func $f) (func (drop (ref.func $f)))': ['bulk-memory-operations', 'reference-types'],
    '(func (result i32 i32) (tuple.make 2 (i32.const 1) (i32.const 2)))': ['multi-value'],
    '(memory 1) (func (memory.copy (i32.const 0) (i32.const 1) (i32.const 2)))': ['bulk-memory-operations'],
    '(memory 1) (data $d "x")': ['bulk-memory-operations'],
    '(func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))': ['non-trapping-float-to-int-conversions'],
    '(func (drop (v128.const i32x4 0 0 0 0)))': ['fixed-width-SIMD'],
    '(func $f (return_call $f))': ['tail-calls'],
    '(tag $t) (func (throw $t))': ['exception-handling'],
    '(memory i64 1)': ['memory64'],
    '(memory 1 2 shared)': ['threads-and-atomics'],
    '(memory 1) (memory 1)': ['multiMemory'],
    '(global i32 (i32.add (i32.const 1) (i32.const 2)))': ['extended-constant-expressions'],
    '(import "a" "b" (func (param i64)))': ['BigInt-to-i64-integration'],
    '(func (export "f") (result i64) (i64.const 1))': ['BigInt-to-i64-integration'],
    '(func (param anyref))': ['garbage-collection'],
  };
  for (const [text, features] of Object.entries(BELOW)) {
    test(`finds ${features.join(' and ')} in ${text}`, () => {
      const expected = features.map((feature) => `webassembly.${feature}`);
      assert.deepEqual(keys(wasm(module(text))).filter((key) => expected.includes(key)), expected);
    });
  }
  test('finds an index where the first version wants a zero byte', () => {
    // Type (func), one function, one table, and `i32.const 0; call_indirect 0` with its table as a padded number.
    const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 4, 4, 1, 0x70, 0, 1];
    const body = (table) => [0, 0x41, 0, 0x11, 0, ...table, 0x0b];
    const code = (table) => [10, body(table).length + 2, 1, body(table).length, ...body(table)];
    const judged = (table) => keys(wasm(Uint8Array.from([...bytes, ...code(table)])));
    assert.deepEqual(judged([0]), []);
    assert.deepEqual(judged([0x80, 0]), ['webassembly.reference-types']);
  });
  test('takes what the floor has', () => {
    const text = `(memory (export "memory") 1) (table 2 funcref) (global $g (mut i32) (i32.const 1))
      (data (i32.const 0) "x") (elem (i32.const 0) $f)
      (func $f (export "f") (param i32 f64) (result i32) (local i64)
        (if (local.get 0) (then (global.set $g (i32.extend8_s (i32.load8_u offset=3 (local.get 0))))))
        (block $b (br_table $b $b (local.get 0))) (local.set 2 (i64.const -1))
        (drop (f32.const 1)) (drop (f64.const 1)) (memory.grow (i32.const 1)))`;
    const { MVP, MutableGlobals, SignExt } = binaryen.Features;
    assert.deepEqual(keys(wasm(module(text, MVP | MutableGlobals | SignExt))), []);
  });
  test('does not take what it cannot read', () => {
    assert.throws(() => wasm(module('(type $s (struct (field i32))) (func (drop (struct.new_default $s)))')), /not of a function/);
    assert.throws(() => wasm(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, 9, 1])), /ends too early/);
    assert.deepEqual(keys(wasm(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 77, 0]))), ['section 77']);
  });
});

describe('syntax', () => {
  const BELOW = {
    'a ??= b': 'operators.nullish_coalescing_assignment',
    'a.b ||= c': 'operators.logical_or_assignment',
    'a &&= b': 'operators.logical_and_assignment',
    'await a': 'operators.await.top_level',
    'for await (const a of b);': 'operators.await.top_level',
    'class A { #a() {} }': 'classes.private_class_methods',
    'class A { #a; b(c) { return #a in c; } }': 'classes.private_class_fields_in',
    'class A { static { b(); } }': 'classes.static.initialization_blocks',
    '/(?<=a)b/': 'regular_expressions.lookbehind_assertion',
    '/(?<!a)b/': 'regular_expressions.lookbehind_assertion',
    'new RegExp("(?<=a)b")': 'regular_expressions.lookbehind_assertion',
    '/a/d': 'builtins.RegExp.hasIndices',
    '/[a--b]/v': 'builtins.RegExp.unicodeSets',
    '/(?i:a)b/': 'regular_expressions.modifier',
    '/(?<a>b)|(?<a>c)/': 'regular_expressions.named_capturing_group.duplicate_named_capturing_groups',
    'import a from "b" with { type: "json" }': 'statements.import.import_attributes',
    '{ using a = b; }': 'statements.using',
  };
  for (const [text, key] of Object.entries(BELOW)) test(`finds ${text}`, () => includes(keys(syntax(text)), `javascript.${key}`));
  test('takes what the floor has', () => {
    const text = `import a from 'b'; export * as c from 'd'; const { e, ...f } = { ...a?.b, g: h ?? 1_000n };
      async function* i() { for await (const j of k) yield j; try { await l; } catch {} }
      class M { static n = 1; o() { return import('p' + import.meta.url + 2 ** 3); } } /(?<q>\\p{L})(?:r)(?=s)[(?<=]\\(\\?<=/su;`;
    assert.deepEqual(keys(syntax(text)), []);
  });
  test('does not take what is no script', () => assert.throws(() => syntax('const = 1')));
});

describe('apis', () => {
  const BELOW = {
    'structuredClone(a)': 'api.structuredClone',
    'window.structuredClone(a)': 'api.structuredClone',
    'AbortSignal.timeout(9)': 'api.AbortSignal.timeout_static',
    'navigator.locks.request("a", b)': 'api.Navigator.locks',
    'const { locks } = navigator; locks.request("a", b)': 'api.Navigator.locks',
    'window.navigator.share({})': 'api.Navigator.share',
    'new BroadcastChannel("a")': 'api.BroadcastChannel',
    'new ResizeObserver(a); new WeakRef(b)': 'javascript.builtins.WeakRef',
    'crypto.randomUUID()': 'api.Crypto.randomUUID',
    'Object.hasOwn(a, "b")': 'javascript.builtins.Object.hasOwn',
    'Promise.any([a])': 'javascript.builtins.Promise.any',
    '[1].at(-1)': 'javascript.builtins.Array.at',
    'const a = { at: Date.now() }; (b) => b.at(-1)': 'javascript.builtins.Array.at',
    '(a) => a.replaceAll("b", "c")': 'javascript.builtins.String.replaceAll',
    '(a) => a.showModal()': 'api.HTMLDialogElement.showModal',
    'Array.prototype.findLast.call(a, b)': 'javascript.builtins.Array.findLast',
    'scheduler.postTask(a)': 'api.scheduler',
    'new Intl.Segmenter()': 'javascript.builtins.Intl.Segmenter',
    'document.addEventListener("scrollend", a)': 'api.Document.scrollend_event',
    'document.onscrollend = a': 'api.Document.scrollend_event',
    'new Worker("a", { type: "module" })': 'api.Worker.Worker.options_type_parameter',
    'if (navigator.share) navigator.locks.request(a)': 'api.Navigator.locks',
    '{ const structuredClone = 1; } structuredClone(a)': 'api.structuredClone',
    'if (a) b(() => crypto.randomUUID())': 'api.Crypto.randomUUID',
    'if (structuredClone) a()': 'api.structuredClone',
  };
  for (const [text, key] of Object.entries(BELOW)) test(`finds ${text}`, () => includes(keys(apis(text)), key));

  const FINE = [
    'typeof structuredClone === "function" ? structuredClone(a) : b',
    'if (window.structuredClone) structuredClone(a)',
    'window.BroadcastChannel && new BroadcastChannel("a")',
    'navigator.locks?.request("a", b)',
    'crypto.randomUUID?.()',
    'if ("share" in navigator) navigator.share({})',
    'function a() { if (!navigator.locks) return b(); return navigator.locks.request("a", b); }',
    'const a = typeof WeakRef > "u" ? b : new WeakRef(c)',
    'const structuredClone = (a) => a; structuredClone(b)',
    'const host = { share() {} }; (a) => a.share()',
    'onething.vault.adopt(a)',
    'class A { static b() { fetch("c", { signal: d }).then((e) => e.json()); } }',
    '"encodeInto" in a || (a.encodeInto = b)',
    'a.findLast = b',
  ];
  for (const text of FINE) test(`takes ${text}`, () => assert.deepEqual(keys(apis(text)), []));
});

describe('styles', () => {
  const BELOW = {
    'a { aspect-ratio: 1 }': 'css.properties.aspect-ratio',
    'a { inset: 0 }': 'css.properties.inset',
    'a { height: 100dvh }': 'css.types.length.viewport_percentage_units_dynamic',
    'a { color: color-mix(in srgb, red, blue) }': 'css.types.color.color-mix',
    'a { --b: color-mix(in srgb, red, blue) }': 'css.types.color.color-mix',
    'a { --b: red; --b: color-mix(in srgb, red, blue) }': 'css.types.color.color-mix',
    'a { color: red; color: color-mix(in srgb, var(--b), blue) }': 'css.types.color.color-mix',
    'a { overflow: clip }': 'css.properties.overflow.clip',
    'a { width: unheard-of(1px) }': 'unheard-of()',
    'a { unheard-of: 1px }': 'css.properties.unheard-of',
    'a { display: flex; gap: 1rem }': 'css.properties.gap.flex_context',
    'a { display: flex } a { gap: 1rem }': 'css.properties.gap.flex_context',
    'a:has(b) { color: red }': 'css.selectors.has',
    'a:is(b, c) { color: red }': 'css.selectors.is',
    'a:not(b, c) { color: red }': 'css.selectors.not.selector_list',
    'a { &:hover { color: red } }': 'css.selectors.nesting',
    ':nth-child(2 of a) { color: red }': 'css.selectors.nth-child.of_syntax',
    '@layer a { b { color: red } }': 'css.at-rules.layer',
    '@container (width > 1px) { a { color: red } }': 'css.at-rules.container',
    '@media (width >= 1px) { a { color: red } }': 'css.at-rules.media.range_syntax',
    '@supports (color: red) { a { aspect-ratio: 1 } }': 'css.properties.aspect-ratio',
    '@supports not (aspect-ratio: 1) { a { aspect-ratio: 1 } }': 'css.properties.aspect-ratio',
    '@supports (color: red) or (aspect-ratio: 1) { a { aspect-ratio: 1 } }': 'css.properties.aspect-ratio',
    'a { color: ; } }': 'css',
  };
  for (const [text, key] of Object.entries(BELOW)) test(`finds ${text}`, () => includes(keys(styles(text)), key));

  const FINE = [
    'a { display: grid; gap: 1rem; width: min(1rem, 2vw); padding: env(safe-area-inset-top); color: #1234 }',
    'a { height: 100vh; height: 100dvh }',
    'a { color: red; color: color-mix(in srgb, red, blue) }',
    'a { -webkit-user-select: var(--b); user-select: var(--b) }',
    'a { -webkit-user-select: none; user-select: none }',
    '@supports (aspect-ratio: 1) { a { aspect-ratio: 1 } }',
    '@supports (color: red) and (aspect-ratio: 1) { a { aspect-ratio: 1 } }',
    '@supports selector(a:has(b)) { a:has(b) { color: red } }',
    'a:not(:-webkit-any(b)) { color: red } a:not(:is(b)) { color: red }',
    '@keyframes a { from { opacity: 0 } 50% { opacity: 1 } }',
    '@media (min-width: 1px) and (prefers-color-scheme: dark) { a::before { transform: translate(1px) } }',
  ];
  for (const text of FINE) test(`takes ${text}`, () => assert.deepEqual(keys(styles(text)), []));
});

describe('data', () => {
  test('knows versions apart', () => {
    assert.deepEqual(lacking('javascript.operators.nullish_coalescing'), []);
    assert.deepEqual(lacking('javascript.operators.nullish_coalescing_assignment'), ['chrome', 'webview_android']);
    assert.deepEqual(lacking('webassembly.bulk-memory-operations'), ['safari_ios']);
    assert.equal(lacking('api.Unheard.of'), undefined);
    assert.ok(entry('api.Navigator.share'));
  });
});

describe('check', () => {
  const folder = async (t, files) => {
    const dist = await mkdtemp(join(tmpdir(), 'engines-'));
    t.after(() => rm(dist, { recursive: true }));
    for (const [name, body] of Object.entries({ 'a.wasm': module(''), 'a.js': '1;', 'a.css': 'a{color:red}', ...files })) {
      await mkdir(dirname(join(dist, name)), { recursive: true });
      await writeFile(join(dist, name), body);
    }
    return dist;
  };
  const said = ({ bad }) => bad.map(({ kind, file, key }) => `${kind} ${file} ${key}`);

  test('passes what is fine', async (t) => {
    const result = await check(await folder(t, {}), []);
    assert.deepEqual([said(result), result.idle], [[], []]);
  });
  test('looks into folders and pages', async (t) => {
    const dist = await folder(t, {
      'b/c-0123456789abcdef.js': 'a ??= b',
      'd_bg.wasm': module('(memory i64 1)'),
      'en/index.html': `<style>a{inset:0}</style><script type="importmap">{}</script><script type="application/ld+json">{"a":1}</script>
        <script type=module>structuredClone(1)</script>`,
    });
    assert.deepEqual(said(await check(dist, [])).sort(), [
      'apis en/index.html api.structuredClone',
      'styles en/index.html css.properties.inset',
      'syntax b/c.js javascript.operators.nullish_coalescing_assignment',
      'types importmap html.elements.script.type.importmap',
      'wasm d_bg.wasm webassembly.memory64',
    ]);
  });
  test('guards what is named, and nothing else', async (t) => {
    const dist = await folder(t, { 'b-0123456789abcdef.js': 'structuredClone(1)', 'c.js': 'structuredClone(2)' });
    const guard = (...files) => [{ key: 'api.structuredClone', in: files, why: 'because' }];
    assert.deepEqual(said(await check(dist, guard('b.js'))), ['apis c.js api.structuredClone']);
    assert.deepEqual(said(await check(dist, guard('*.js'))), []);
    const result = await check(dist, guard('b.js', 'c.js', 'd.js'));
    assert.deepEqual([said(result), result.idle], [[], ['api.structuredClone in d.js']]);
  });
  test('asks for reasons', async (t) => {
    const dist = await folder(t, { 'b.js': 'structuredClone(1)' });
    assert.deepEqual((await check(dist, [{ key: 'api.structuredClone', in: ['*'], why: '' }])).nameless, ['api.structuredClone']);
  });
  test('names of members may come from other files and from modules', async (t) => {
    const wasmOf = module('(memory (export "memory") 1)');
    const dist = await folder(t, { 'a.wasm': wasmOf, 'b.js': 'export const b = () => ({ bytes: 1 });', 'c.js': '(c) => c.bytes + c.memory' });
    assert.deepEqual(said(await check(dist, [])), []);
  });
  test('does not pass what it cannot read, nor nothing', async (t) => {
    assert.deepEqual(said(await check(await folder(t, { 'b.js': 'const', 'c.wasm': 'xxxxxxxx' }), [])), [
      'wasm c.wasm unreadable', 'syntax b.js unreadable', 'apis b.js unreadable',
    ]);
    const empty = await mkdtemp(join(tmpdir(), 'engines-'));
    t.after(() => rm(empty, { recursive: true }));
    assert.equal((await check(empty, [])).bad.length, 3);
  });
});
