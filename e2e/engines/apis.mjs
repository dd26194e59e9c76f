// Which web APIs and built-ins a script uses. What an expression is, is guessed from how it was made: globals, statics
// and what is reached from them are held against the data exactly; the members of what nothing is known of, by their
// name, and only where nobody at the floor has a member of that name.

import { below, common, entry, lacking, under, without } from './data.mjs';
import { parse, scopes, visit } from './tree.mjs';

const JS = 'javascript.builtins';
const GLOBAL_SCOPES = ['api.Window', 'api.WorkerGlobalScope', 'api.DedicatedWorkerGlobalScope', 'api.ServiceWorkerGlobalScope'];
const SELVES = new Set(['window', 'self', 'globalThis', 'parent', 'top', 'frames']);
const NAMESPACES = { WebAssembly: 'webassembly.api', Intl: `${JS}.Intl` };

/** What well-known members are or answer, by interface: `member Interface`. */
const KINDS = Object.fromEntries(
  Object.entries({
    Window: `caches CacheStorage, clients Clients, console console, crypto Crypto, customElements CustomElementRegistry, document Document,
      fetch Promise, getComputedStyle CSSStyleDeclaration, history History, indexedDB IDBFactory, localStorage Storage, location Location,
      matchMedia MediaQueryList, navigator Navigator, open Window, opener Window, performance Performance, scheduler Scheduler, screen Screen,
      registration ServiceWorkerRegistration, sessionStorage Storage, visualViewport VisualViewport`,
    Navigator: `clipboard Clipboard, connection NetworkInformation, geolocation Geolocation, locks LockManager, mediaDevices MediaDevices,
      permissions Permissions, serviceWorker ServiceWorkerContainer, storage StorageManager, wakeLock WakeLock`,
    Crypto: 'subtle SubtleCrypto',
    Document: `body HTMLElement, createElement HTMLElement, defaultView Window, documentElement HTMLElement, fonts FontFaceSet,
      getElementById HTMLElement, head HTMLElement`,
    ParentNode: 'querySelector HTMLElement',
    Element: 'attachShadow ShadowRoot, classList DOMTokenList, getBoundingClientRect DOMRect',
    HTMLElement: 'style CSSStyleDeclaration',
    HTMLIFrameElement: 'contentWindow Window',
    HTMLCanvasElement: 'getContext CanvasRenderingContext2D',
    OffscreenCanvas: 'getContext OffscreenCanvasRenderingContext2D',
    IDBFactory: 'open IDBOpenDBRequest',
    URL: 'searchParams URLSearchParams',
    Object: 'entries Array, getOwnPropertyNames Array, keys Array, values Array',
    Array: 'concat Array, filter Array, flat Array, flatMap Array, from Array, join String, map Array, of Array, slice Array',
    String: 'padStart String, replace String, slice String, split Array, toLowerCase String, toUpperCase String, trim String',
    JSON: 'stringify String',
    Promise: 'all Promise, catch Promise, finally Promise, race Promise, reject Promise, resolve Promise, then Promise',
  }).map(([type, members]) => [type, Object.fromEntries(members.split(/,\s+/).map((pair) => pair.split(' ')))]),
);
/** Elements by tag, where the interface has a name of its own. */
const ELEMENTS = {
  a: 'Anchor', audio: 'Audio', button: 'Button', canvas: 'Canvas', dialog: 'Dialog', form: 'Form', iframe: 'IFrame', img: 'Image',
  input: 'Input', link: 'Link', script: 'Script', select: 'Select', template: 'Template', textarea: 'TextArea', video: 'Video',
};
const PARENTS = {
  Document: ['ParentNode', 'Node'],
  DocumentFragment: ['ParentNode', 'Node'],
  Element: ['ParentNode', 'Node'],
  HTMLElement: ['Element'],
  IDBOpenDBRequest: ['IDBRequest'],
  Node: ['EventTarget'],
  ShadowRoot: ['DocumentFragment'],
};

const named = (name) => [`${JS}.${name}`, `api.${name}`].find((key) => entry(key));
/** What a global that holds statics is called; others are instances. */
const shaped = (name) => NAMESPACES[name] ?? (/^([A-Z]|console$)/.test(name) ? named(name) : undefined);
const globally = (name) => [named(name), ...GLOBAL_SCOPES.map((scope) => `${scope}.${name}`)].filter((key) => key && entry(key));
const isKnown = (name) => SELVES.has(name) || globally(name).length > 0;
const last = (key) => key.slice(key.lastIndexOf('.') + 1);
const kin = (type) => {
  const name = last(type);
  if (/^(Big)?(Int|Uint|Float)\d+(Clamped)?Array$/.test(name)) return [type, `${JS}.TypedArray`];
  const parents = PARENTS[name] ?? (/^HTML\w+Element$/.test(name) ? ['HTMLElement'] : name === 'EventTarget' ? [] : ['EventTarget']);
  return [type, ...parents.flatMap((parent) => kin(named(parent) ?? `api.${parent}`))];
};

/** Members of instances and of builtins by name: every key that bears it. */
const MEMBERS = new Map();
const EVENTS = new Map();
const add = (map, name, key) => map.set(name, [...(map.get(name) ?? []), key]);
for (const name of [...below('api'), ...below(JS)].filter((one) => /^[a-z]/.test(one))) add(MEMBERS, name, named(name));
for (const base of ['api', JS, `${JS}.Intl`, 'webassembly.api']) {
  for (const type of below(base)) {
    for (const name of below(`${base}.${type}`)) {
      const key = `${base}.${type}.${name}`;
      if (name.endsWith('_event')) add(EVENTS, name.slice(0, -6), key);
      else if (name !== type && /^[a-zA-Z]+\w*$/.test(name) && !name.includes('_')) add(MEMBERS, name, key);
    }
  }
}

/** Of the keys that a name may stand for, the one most engines have, and those that have none of them. */
const best = (keys) => {
  const known = keys?.map((key) => ({ key, engines: lacking(key) })).filter(({ engines }) => engines) ?? [];
  if (!known.length) return undefined;
  const engines = common(known.map((one) => one.engines));
  return { key: known.reduce((left, right) => (right.engines.length < left.engines.length ? right : left)).key, engines };
};

const nameOf = ({ property, computed }) => (computed ? property.value : property?.name);
const isUse = (node, { type, ...parent }) =>
  !(type === 'MemberExpression' && parent.property === node && !parent.computed) &&
  !(/^(Property|MethodDefinition|PropertyDefinition)$/.test(type) && parent.key === node && !parent.computed && !parent.shorthand) &&
  !/^(Labeled|Break|Continue|Meta|Import|Export)/.test(type);

/** Does the test ask for this name? */
const asks = (test, name) => {
  let found = false;
  visit(test, (node) => {
    found ||= node.type === 'Identifier' ? node.name === name : node.type === 'Literal' && node.value === name;
  });
  return found;
};

const ends = ({ type, body }) =>
  /^(Return|Throw|Continue|Break)Statement$/.test(type) || (type === 'BlockStatement' && body.length > 0 && ends(body.at(-1)));

/** Is the use within something that happens only where the name was asked for? */
const guarded = (node, around, name) => {
  let child = node;
  for (const parent of around.slice().reverse()) {
    if (/^(IfStatement|ConditionalExpression)$/.test(parent.type) && child !== parent.test && asks(parent.test, name)) return true;
    if (parent.type === 'LogicalExpression' && child === parent.right && asks(parent.left, name)) return true;
    const earlier = parent.body ?? parent.consequent;
    if (Array.isArray(earlier)) {
      const passed = earlier.slice(0, earlier.indexOf(child));
      if (passed.some((one) => one.type === 'IfStatement' && ends(one.consequent) && asks(one.test, name))) return true;
    }
    child = parent;
  }
  return false;
};

/** Is a member only asked for, so that its absence does no harm here? */
const onlyAsked = (node, around) => {
  let child = node;
  for (const parent of around.slice().reverse()) {
    const { type, operator } = parent;
    if (type === 'ChainExpression') {
      // `a.b?.c`, `a.b?.()`
    } else if (type === 'MemberExpression' || type === 'CallExpression') return (parent.object ?? parent.callee) === child && parent.optional;
    else if (type === 'UnaryExpression') return operator === 'typeof' || operator === '!';
    else if (type === 'BinaryExpression') return /^[!=]=/.test(operator);
    else if (type === 'LogicalExpression') {
      if (parent.left === child) return true;
    } else return /^(If|While|Conditional)/.test(type) && parent.test === child;
    child = parent;
  }
  return false;
};

const VALUES = /^(Literal|TemplateLiteral|ObjectExpression|ArrayExpression|CallExpression|NewExpression|BinaryExpression)$/;

/** Names a script gives to members of its own: all of them, and those that may be functions. */
export function ownNames(tree) {
  const own = { all: new Set(), functions: new Set() };
  const put = (name, value) => {
    if (!name) return;
    own.all.add(name);
    if (value && !VALUES.test(value.type)) own.functions.add(name);
  };
  visit(tree, ({ type, key, computed, value, left, right, exported }) => {
    if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(type) && !computed) put(key.name, value);
    else if (type === 'AssignmentExpression' && left.object?.type === 'ThisExpression' && !left.computed) put(left.property.name, left);
    else if (type === 'ExportSpecifier') put(exported.name, exported);
  });
  return own;
}

/** The name at the start of `a.b().c`; undefined where it starts otherwise. */
const root = (node) => (node.type === 'Identifier' ? node.name : node.object || node.callee ? root(node.object ?? node.callee) : undefined);

/** What of the APIs a script uses the floor lacks; `others` are names of members that other files define. */
export function apis(text, others = new Set()) {
  const tree = parse(text);
  const look = scopes(tree);
  const seen = new Set();
  const findings = new Map();
  const own = ownNames(tree);

  const found = (key, engines, node, around, name = last(key).replace(/_(static|event)$/, '')) => {
    seen.add(key);
    if (!engines.length || findings.has(key) || guarded(node, around, name)) return;
    findings.set(key, { key, place: node.loc.start, engines, what: text.slice(node.start, node.start + 40) });
  };

  /** The key of the interface that an expression names, as `Promise` and `Intl.ListFormat` do. */
  const constructor = (node, around) => {
    if (node.type === 'Identifier') return look(node.name, around) ? undefined : shaped(node.name);
    if (node.type !== 'MemberExpression') return undefined;
    const { object } = node;
    const name = nameOf(node);
    if (object.type === 'Identifier' && !look(object.name, around)) {
      if (SELVES.has(object.name)) return shaped(name);
      if (NAMESPACES[object.name]) return `${NAMESPACES[object.name]}.${name}`;
    }
    return undefined;
  };

  const typeOfMember = (type, name, call) => {
    for (const one of kin(type)) {
      const kind = KINDS[last(one)]?.[name];
      if (!kind) continue;
      const element = name === 'createElement' && ELEMENTS[call?.arguments[0]?.value];
      return element ? `api.HTML${element}Element` : named(kind);
    }
    return undefined;
  };

  /** The key of the interface that the value of an expression has; undefined where nothing is known. */
  const typeOf = (node, around, depth = 0) => {
    if (!node || depth > 8) return undefined;
    const inner = (one) => typeOf(one, around, depth + 1);
    switch (node.type) {
      case 'Identifier': {
        const local = look(node.name, around);
        if (local) return inner(local.value);
        return SELVES.has(node.name) ? 'api.Window' : typeOfMember('api.Window', node.name);
      }
      case 'NewExpression':
        return constructor(node.callee, around);
      case 'ArrayExpression':
        return `${JS}.Array`;
      case 'TemplateLiteral':
        return `${JS}.String`;
      case 'Literal':
        return node.regex ? `${JS}.RegExp` : typeof node.value === 'string' ? `${JS}.String` : undefined;
      case 'ChainExpression':
      case 'AwaitExpression': {
        if (node.expression) return inner(node.expression);
        const { callee } = node.argument;
        return callee && (callee.name ?? callee.property?.name) === 'fetch' ? 'api.Response' : undefined;
      }
      case 'AssignmentExpression':
        return inner(node.right);
      case 'CallExpression': {
        const { type, name } = node.callee;
        if (type === 'Identifier') return look(name, around) ? undefined : typeOfMember('api.Window', name);
        return type === 'MemberExpression' ? memberType(node.callee, around, depth, node) : undefined;
      }
      case 'MemberExpression':
        return memberType(node, around, depth);
      default:
        return undefined;
    }
  };
  const memberType = (node, around, depth, call) => {
    const type = constructor(node.object, around) ?? typeOf(node.object, around, depth + 1);
    return type && typeOfMember(type, nameOf(node), call);
  };

  /** Options named in an object, as the data knows them below a method. */
  const options = (key, node, around) => {
    for (const given of node.arguments) {
      for (const one of given.properties ?? []) {
        const name = one.key?.name;
        const option = name && under(key).find((each) => new RegExp(`(^|_)${name}_(parameter|option)$`).test(last(each)));
        const engines = option && lacking(option);
        if (engines) found(option, without(engines, lacking(key)), one, around, name);
      }
    }
  };

  const event = (name, type, node, around) => {
    const held = type && kin(type).map((one) => `${one}.${name}_event`).filter((key) => entry(key));
    const result = best(held?.length ? held : EVENTS.get(name));
    if (result) found(result.key, result.engines, node, around, name);
  };

  const member = (node, around) => {
    const name = nameOf(node);
    const parent = around.at(-1);
    if (typeof name !== 'string') return;
    const written = parent.type === 'AssignmentExpression' && parent.left === node && parent.operator === '=';
    const shape = constructor(node.object, around);
    const type = typeOf(node.object, around);
    const call = /^(Call|New)Expression$/.test(parent.type) && parent.callee === node ? parent : undefined;
    if (written) {
      if (name.startsWith('on')) event(name.slice(2), type, node, around);
      return;
    }
    const prototype = nameOf(node.object) === 'prototype' && constructor(node.object.object, around);
    const exact = () => {
      if (prototype) return [`${prototype}.${name}`];
      if (type === 'api.Window') return globally(name);
      if (shape) return [`${shape}.${name}_static`, ...(shape.startsWith('api.') ? [] : [`${shape}.${name}`])];
      return type && kin(type).map((one) => `${one}.${name}`);
    };
    const keys = exact();
    // A name may be a value here and a function elsewhere: which one is meant shows when it is called.
    const ours = call ? own.functions.has(name) : own.all.has(name) || others.has(name);
    const from = root(node);
    const foreign = from && !look(from, around) && !isKnown(from);
    const result = best(keys ? keys.filter(entry) : ours || foreign ? undefined : MEMBERS.get(name));
    if (!result) return;
    const missing = keys && !prototype ? without(result.engines, lacking(shape ?? type)) : result.engines;
    if (!onlyAsked(node, around)) found(result.key, missing, node, around, name);
    else seen.add(result.key);
    if (call) options(result.key, call, around);
  };

  visit(tree, (node, around) => {
    const parent = around.at(-1);
    if (node.type === 'MemberExpression') member(node, around);
    else if (node.type === 'Identifier' && isUse(node, parent) && !look(node.name, around)) {
      const result = best(globally(node.name));
      if (result && parent.operator !== 'typeof') found(result.key, result.engines, node, around, node.name);
    } else if (node.type === 'ObjectPattern' && parent.type === 'VariableDeclarator') {
      const type = constructor(parent.init ?? node, around) ?? typeOf(parent.init, around);
      for (const { key } of type ? node.properties : []) {
        const result = key?.name && best(kin(type).flatMap((one) => [`${one}.${key.name}`, `${one}.${key.name}_static`]).filter(entry));
        if (result) found(result.key, without(result.engines, lacking(type)), key, [...around, node], key.name);
      }
    }
    if (node.type === 'CallExpression' && nameOf(node.callee) === 'addEventListener' && typeof node.arguments[0]?.value === 'string') {
      event(node.arguments[0].value, typeOf(node.callee.object, around), node, around);
    }
    if (/^(Call|New)Expression$/.test(node.type) && node.callee.type !== 'MemberExpression') {
      const key = constructor(node.callee, around);
      if (key) options(node.type === 'NewExpression' ? `${key}.${last(key)}` : key, node, around);
    }
  });
  return { seen: [...seen], findings: [...findings.values()] };
}
