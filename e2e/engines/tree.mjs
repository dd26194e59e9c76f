// Scripts as trees: parsing, walking, and what a name stands for.

import { parse as read } from 'acorn';

/** A script of either kind, as a tree. */
export function parse(text) {
  const options = { ecmaVersion: 'latest', locations: true, allowHashBang: true };
  try {
    return read(text, { ...options, sourceType: 'module' });
  } catch (wrong) {
    try {
      return read(text, { ...options, sourceType: 'script' });
    } catch {
      throw wrong;
    }
  }
}

/** Shows every node, with those around it, the nearest last. */
export function visit(node, see, around = []) {
  see(node, around);
  around.push(node);
  for (const child of Object.values(node)) {
    if (Array.isArray(child)) for (const one of child) one?.type && visit(one, see, around);
    else if (typeof child?.type === 'string') visit(child, see, around);
  }
  around.pop();
}

const isFunction = ({ type }) => /Function/.test(type);
const SCOPES = /^(Program|BlockStatement|For\w*|SwitchStatement|StaticBlock|CatchClause|Class\w+)$/;
const isScope = (node) => isFunction(node) || SCOPES.test(node.type);

function* names(pattern) {
  if (!pattern) return;
  if (pattern.type === 'Identifier') yield pattern.name;
  else if (pattern.type === 'ObjectPattern') for (const one of pattern.properties) yield* names(one.value ?? one);
  else if (pattern.type === 'ArrayPattern') for (const one of pattern.elements) yield* names(one);
  else yield* names(pattern.argument ?? pattern.left);
}

/** Answers, for a name and the nodes around it: `{ value }` with what it was first set to, or undefined where it is global. */
export function scopes(tree) {
  const held = new Map();
  const put = (scope, name, value) => {
    if (!held.has(scope)) held.set(scope, new Map());
    held.get(scope).set(name, { value });
  };
  visit(tree, (node, around) => {
    const near = around.findLast(isScope);
    const wide = around.findLast((one) => isFunction(one) || one.type === 'Program');
    if (node.type === 'VariableDeclaration') {
      for (const { id, init } of node.declarations) {
        for (const name of names(id)) put(node.kind === 'var' ? wide : near, name, id.type === 'Identifier' ? init : undefined);
      }
    } else if (isFunction(node)) {
      if (node.id) put(node.type === 'FunctionDeclaration' ? near : node, node.id.name);
      for (const param of node.params) for (const name of names(param)) put(node, name);
    } else if (node.type === 'ClassDeclaration') put(near, node.id?.name);
    else if (node.type === 'ClassExpression') put(node, node.id?.name);
    else if (node.type === 'CatchClause') for (const name of names(node.param)) put(node, name);
    else if (/^Import\w*Specifier$/.test(node.type)) put(tree, node.local.name);
  });
  return (name, around) => {
    for (let at = around.length - 1; at >= 0; at--) {
      const found = held.get(around[at])?.get(name);
      if (found) return found;
    }
    return undefined;
  };
}
