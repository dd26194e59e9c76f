// Chromium's accessibility tree, each node with what the document adds: its language, the block it stands in, its place among radios.

/** How often a page that changes under the reading is read again. */
const PATIENCE = 3;

/** The tree of a page: its root, with `children` instead of identifiers and ignored nodes left out. */
export async function treeOf(page) {
  const protocol = await page.context().newCDPSession(page);
  try {
    for (let tries = 0; ; tries += 1) {
      const { nodes } = await protocol.send('Accessibility.getFullAXTree');
      const snapshot = await protocol.send('DOMSnapshot.captureSnapshot', { computedStyles: ['display'] });
      const document = documentOf(snapshot);
      // Between the two readings the page may have been drawn anew.
      const same = nodes.every(({ role, backendDOMNodeId }) => role?.value !== 'StaticText' || document.known.has(backendDOMNodeId));
      if (same || tries === PATIENCE) return grown(nodes, document);
    }
  } finally {
    await protocol.detach();
  }
}

/** What the document says of a node, by the node's number at the browser. */
function documentOf({ documents: [{ nodes, layout }], strings }) {
  const display = new Map(layout.nodeIndex.map((node, index) => [node, strings[layout.styles[index][0]]]));
  const known = new Map();
  const list = [];
  for (const [index, backend] of nodes.backendNodeId.entries()) {
    const flat = nodes.attributes[index] ?? [];
    const attributes = {};
    for (let at = 0; at < flat.length; at += 2) attributes[strings[flat[at]]] = strings[flat[at + 1]];
    const up = list[nodes.parentIndex[index]];
    const tag = strings[nodes.nodeName[index]].toLowerCase();
    const flows = !display.has(index) || tag === '#text' || ['inline', 'contents'].includes(display.get(index));
    const own = { index, tag, attributes, up, lang: attributes.lang ?? up?.lang, block: flows ? (up?.block ?? index) : index };
    list.push(own);
    known.set(backend, own);
  }
  return { known, list };
}

function grown(nodes, { known, list }) {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const radios = new Map();
  for (const { tag, attributes } of list) {
    if (tag === 'input' && attributes.type === 'radio') radios.set(attributes.name, (radios.get(attributes.name) ?? 0) + 1);
  }
  // What is named by whom: the words of a label are the name of its control.
  const labels = new Map();
  for (const { name, properties = [] } of nodes) {
    for (const { backendDOMNodeId } of properties.find((one) => one.name === 'labelledby')?.value.relatedNodes ?? []) {
      labels.set(backendDOMNodeId, [...(labels.get(backendDOMNodeId) ?? []), name?.value ?? '']);
    }
  }
  const met = new Map();
  const place = (role, own) => {
    if (role !== 'radio' || !own?.attributes.name) return undefined;
    const { name } = own.attributes;
    met.set(name, (met.get(name) ?? 0) + 1);
    return [met.get(name), radios.get(name)];
  };
  const grow = (node, above) => {
    const own = known.get(node.backendDOMNodeId) ?? above;
    const children = (node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean).flatMap((child) => grow(child, own));
    // What is ignored is heard by what is in it.
    if (node.ignored || node.role?.value === 'InlineTextBox') return children;
    const states = Object.fromEntries((node.properties ?? []).map(({ name, value }) => [name, value.value ?? value.relatedNodes]));
    return [{
      role: node.role.value, name: node.name?.value ?? '', value: node.value?.value, description: node.description?.value ?? '', children,
      states: { ...states, current: own?.attributes['aria-current'] }, place: place(node.role.value, own),
      labels: labels.get(node.backendDOMNodeId) ?? [], lang: own?.lang, block: own?.block, tag: own?.tag,
      errors: (Array.isArray(states.errormessage) ? states.errormessage : []).map(({ text }) => text),
    }];
  };
  return { ...grow(nodes[0])[0], lang: list.find(({ tag, attributes }) => tag === 'html' && attributes.lang)?.lang };
}
