// Puts what a server callback rendered (html components as JSON) onto the page as plain elements. Left to Dash, each
// component takes 1 to 2 ms and every later change of any store goes by all of them: a grid of 48 cards froze the page
// for a second. Elements that stay the same are kept, and with them scrolling, keyboard focus and loaded images.

/** Makes the content of `host` what `tree` says: a component, a text, or lists of them. */
export function show(host, tree) {
  patchChildren(host, flat(tree));
}

function flat(children) {
  if (children === null || children === undefined) return [];
  return Array.isArray(children) ? children.flatMap(flat) : [children];
}

function patchChildren(parent, parts) {
  parts.forEach((part, i) => {
    const there = parent.childNodes[i];
    const made = typeof part === "object" ? patched(there, part) : patchedText(there, String(part));
    if (!there) parent.append(made);
    else if (made !== there) there.replaceWith(made);
  });
  while (parent.childNodes.length > parts.length) parent.lastChild.remove();
}

function patchedText(node, text) {
  if (node?.nodeType !== 3) return document.createTextNode(text);
  if (node.data !== text) node.data = text;
  return node;
}

function patched(node, { type, props }) {
  const tag = type.toLowerCase();
  // An image that gets another address would show the old picture until the new one is loaded: a wrong image.
  const same = node?.localName === tag && (tag !== "img" || node.getAttribute("src") === props.src);
  const element = same ? node : document.createElement(tag);
  const { children, style, ...rest } = props;
  setAttributes(element, attributesOf(rest));
  setStyle(element, style ?? {});
  patchChildren(element, flat(children));
  return element;
}

/** Component properties as attributes: [["class", "x"], ...]; false and null mean absent. */
export function attributesOf(props) {
  return Object.entries(props)
    .filter(([, value]) => value !== null && value !== undefined && value !== false)
    .map(([name, value]) => [name === "className" ? "class" : name.toLowerCase(), value === true ? "" : String(value)]);
}

function setAttributes(element, wanted) {
  const names = new Set(wanted.map(([name]) => name));
  for (const name of element.getAttributeNames()) {
    if (!names.has(name) && name !== "style" && name !== "open") element.removeAttribute(name);
  }
  for (const [name, value] of wanted) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function setStyle(element, style) {
  const wanted = Object.entries(style);
  if (!wanted.length && !element.hasAttribute("style")) return;
  element.removeAttribute("style");
  for (const [name, value] of wanted) {
    element.style.setProperty(name.startsWith("--") ? name : name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), String(value));
  }
}
