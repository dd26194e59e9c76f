// Which syntax a script uses. Node types that are neither listed here nor as old as ES2015 are refused, so that a
// language that grows does not pass unseen.

import { ENGINES, surely } from './data.mjs';
import { parse, visit } from './tree.mjs';

const OLD = new Set(
  `Program EmptyStatement BlockStatement StaticBlock ExpressionStatement IfStatement LabeledStatement BreakStatement ContinueStatement
  WithStatement SwitchStatement SwitchCase ReturnStatement ThrowStatement TryStatement CatchClause WhileStatement DoWhileStatement
  ForStatement ForInStatement ForOfStatement DebuggerStatement FunctionDeclaration FunctionExpression ArrowFunctionExpression
  VariableDeclaration VariableDeclarator Identifier PrivateIdentifier Literal TemplateLiteral TemplateElement TaggedTemplateExpression
  ThisExpression Super ArrayExpression ObjectExpression Property UnaryExpression UpdateExpression BinaryExpression LogicalExpression
  AssignmentExpression ConditionalExpression CallExpression NewExpression MemberExpression ChainExpression SequenceExpression
  YieldExpression AwaitExpression SpreadElement RestElement ObjectPattern ArrayPattern AssignmentPattern ClassDeclaration
  ClassExpression ClassBody MethodDefinition PropertyDefinition MetaProperty ImportDeclaration ImportSpecifier ImportDefaultSpecifier
  ImportNamespaceSpecifier ImportAttribute ImportExpression ExportNamedDeclaration ExportDefaultDeclaration ExportSpecifier
  ExportAllDeclaration ParenthesizedExpression`.split(/\s+/),
);

const FLAGS = { d: 'hasIndices', s: 'dotAll', u: 'unicode', v: 'unicodeSets', y: 'sticky' };
const ASSIGNMENTS = {
  '??=': 'nullish_coalescing_assignment',
  '||=': 'logical_or_assignment',
  '&&=': 'logical_and_assignment',
  '**=': 'exponentiation_assignment',
};

const pattern = function* (source, flags) {
  for (const flag of flags) if (FLAGS[flag]) yield `builtins.RegExp.${FLAGS[flag]}`;
  const bare = source.replace(/\\[^pk]/g, '').replace(/\[[^\]]*\]/g, (set) => set.replace(/[(?]/g, ''));
  if (/\(\?<[=!]/.test(bare)) yield 'regular_expressions.lookbehind_assertion';
  const names = Array.from(bare.matchAll(/\(\?<(\w+)>/g), ([, name]) => name);
  if (names.length) yield 'regular_expressions.named_capturing_group';
  if (new Set(names).size < names.length) yield 'regular_expressions.named_capturing_group.duplicate_named_capturing_groups';
  if (/\(\?(?:[ims]+(?:-[ims]*)?|-[ims]+):/.test(bare)) yield 'regular_expressions.modifier';
  if (/\\p\{/i.test(source) && /[uv]/.test(flags)) yield 'regular_expressions.unicode_character_class_escape';
};

/** Syntax by kind of node, as keys below `javascript`. */
const KINDS = {
  *ChainExpression() {
    yield 'operators.optional_chaining';
  },
  *LogicalExpression({ operator }) {
    if (operator === '??') yield 'operators.nullish_coalescing';
  },
  *AssignmentExpression({ operator }) {
    if (ASSIGNMENTS[operator]) yield `operators.${ASSIGNMENTS[operator]}`;
  },
  *BinaryExpression({ operator, left }) {
    if (operator === '**') yield 'operators.exponentiation';
    if (left.type === 'PrivateIdentifier') yield 'classes.private_class_fields_in';
  },
  *PropertyDefinition({ key, static: shared }) {
    if (key.type === 'PrivateIdentifier') yield 'classes.private_class_fields';
    yield shared ? 'classes.static.class_fields' : 'classes.public_class_fields';
  },
  *MethodDefinition({ key }) {
    if (key.type === 'PrivateIdentifier') yield 'classes.private_class_methods';
  },
  *StaticBlock() {
    yield 'classes.static.initialization_blocks';
  },
  *AwaitExpression(node, around) {
    yield around.some(({ type }) => /Function/.test(type)) ? 'operators.await' : 'operators.await.top_level';
  },
  *ForOfStatement({ await: waits }, around) {
    if (!waits) return;
    yield 'statements.for_await_of';
    yield* KINDS.AwaitExpression(undefined, around);
  },
  *SpreadElement(node, around) {
    if (around.at(-1).type === 'ObjectExpression') yield 'operators.spread.spread_in_object_literals';
  },
  *RestElement(node, around) {
    if (around.at(-1).type === 'ObjectPattern') yield 'operators.destructuring.rest_in_objects';
  },
  *CatchClause({ param }) {
    if (!param) yield 'statements.try_catch.optional_catch_binding';
  },
  *VariableDeclaration({ kind }) {
    if (kind === 'using') yield 'statements.using';
    if (kind === 'await using') yield 'statements.await_using';
  },
  *Literal({ bigint, regex, raw, value }) {
    if (bigint) yield 'builtins.BigInt';
    if (regex) yield* pattern(regex.pattern, regex.flags);
    if ((bigint || typeof value === 'number') && raw.includes('_')) yield 'grammar.numeric_separators';
  },
  *NewExpression({ callee, arguments: [source, flags] }) {
    if (callee.name === 'RegExp' && typeof source?.value === 'string') yield* pattern(source.value, flags?.value ?? '');
  },
  *ImportExpression({ options }) {
    yield 'operators.import';
    if (options) yield 'operators.import.options_parameter';
  },
  *ImportDeclaration({ attributes }) {
    yield 'statements.import';
    if (attributes?.length) yield 'statements.import.import_attributes';
  },
  *ExportAllDeclaration({ exported, attributes }) {
    yield exported ? 'statements.export.namespace' : 'statements.export';
    if (attributes?.length) yield 'statements.import.import_attributes';
  },
  *ExportNamedDeclaration({ attributes }) {
    yield 'statements.export';
    if (attributes?.length) yield 'statements.import.import_attributes';
  },
  *ExportSpecifier({ local, exported }) {
    if (local.type === 'Literal' || exported.type === 'Literal') yield 'statements.export.arbitrary_module_namespace_identifier_names';
  },
  *ImportSpecifier({ imported }) {
    if (imported.type === 'Literal') yield 'statements.import.arbitrary_module_namespace_identifier_names';
  },
  *MetaProperty({ meta }) {
    yield meta.name === 'import' ? 'operators.import_meta' : 'operators.new_target';
  },
};
for (const kind of ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']) {
  KINDS[kind] = function* ({ async: waits, generator }) {
    if (waits) yield generator ? 'statements.async_generator_function' : 'statements.async_function';
  };
}

/** What of a script the floor cannot read. */
export function syntax(text) {
  const seen = new Set();
  const findings = [];
  const tree = parse(text);
  visit(tree, (node, around) => {
    if (!OLD.has(node.type)) findings.push({ key: node.type, place: node.loc.start, engines: ENGINES, what: 'is not known here' });
    for (const name of KINDS[node.type]?.(node, around) ?? []) {
      const key = `javascript.${name}`;
      const engines = surely(key);
      const what = text.slice(node.start, node.start + 40);
      if (engines.length && !seen.has(key)) findings.push({ key, place: node.loc.start, engines, what });
      seen.add(key);
    }
  });
  return { seen: [...seen], findings };
}
