// Brings a block on the page to a newly rendered one by changing only what differs, so focus, scroll positions and open details stay, and
// what changed can be told apart. What a person opened (`open`) and the chart cursor (`data-kept`) are theirs and are left alone.

export type Changed = (element: Element) => void;

const isSame = (a: Node, b: Node): boolean =>
  a.nodeName === b.nodeName && (!(a instanceof Element) || !(b instanceof Element) || keyOf(a) === keyOf(b));

const keyOf = (element: Element): string | null => element.getAttribute('data-key');

/** `changed` is called for each element whose shown value (`data-value`) became another, and for each new keyed element. */
export function morph(current: Element, wanted: Element, changed: Changed): void {
  if (current.getAttribute('data-value') !== wanted.getAttribute('data-value')) changed(current);
  for (const { name } of [...current.attributes]) {
    if (name !== 'open' && !wanted.hasAttribute(name)) current.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (name !== 'open' && current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  if (!current.hasAttribute('data-kept')) morphChildren(current, wanted, changed);
}

function morphChildren(current: Element, wanted: Element, changed: Changed): void {
  const wantedKeys = new Set([...wanted.children].map(keyOf));
  let at = current.firstChild;
  for (const child of [...wanted.childNodes]) {
    // Keyed rows that are gone are taken out first, so that the rows after them keep their nodes.
    while (at instanceof Element && keyOf(at) !== null && !wantedKeys.has(keyOf(at))) {
      const gone: Element = at;
      at = at.nextSibling;
      gone.remove();
    }
    if (at && isSame(at, child)) {
      if (at instanceof Element && child instanceof Element) morph(at, child, changed);
      else if (at.nodeValue !== child.nodeValue) at.nodeValue = child.nodeValue;
      at = at.nextSibling;
    } else if (child instanceof Element && keyOf(child) !== null) {
      const moved = [...current.children].find((sibling) => keyOf(sibling) === keyOf(child));
      current.insertBefore(moved ?? child, at);
      if (moved) morph(moved, child, changed);
      else changed(child);
    } else if (at) {
      const next: ChildNode | null = at.nextSibling;
      current.replaceChild(child, at);
      at = next;
    } else current.append(child);
  }
  while (at) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}
