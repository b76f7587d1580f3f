const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const data = JSON.parse(byId("data").textContent);

/** An element made of text and elements; texts never become markup. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function say(text) { byId("said").textContent = text; }

/** The hash as its subject (`threats`, or `threat` with an id) and the filters after it. */
function readHash(hash = location.hash) {
  const parts = hash.replace(/^#/, "").split("&");
  const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const pair = (part) => {
    const at = part.indexOf("=");
    return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
  };
  const [kind, id] = pair(parts[0]);
  return { kind, id, filters: new Map(parts.slice(1).filter(Boolean).map(pair)) };
}

function writeHash(kind, id, filters = []) {
  const text = (part) => encodeURIComponent(part).replace(/%40/g, "@").replace(/%3A/g, ":");
  const first = id ? `${text(kind)}=${text(id)}` : text(kind);
  return "#" + [first, ...[...filters].map(([name, value]) => `${text(name)}=${text(value)}`)].join("&");
}

/** The address shown changes; nothing is loaded and no step is added to the history. */
function showHash(hash) {
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

async function copyLink(hash) {
  const address = location.href.split("#")[0] + (hash || location.hash);
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    const field = make("textarea", { class: "sr", "aria-hidden": "true" });
    field.value = address;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) { prompt("Copy this link", address); return; }
  }
  say("Link copied");
}

function setUpCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const label = button.textContent;
    await copyLink(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

function setUpTheme() {
  const root = document.documentElement;
  const button = byId("theme");
  const next = { "": "light", light: "dark", dark: "" };
  const show = () => { button.textContent = `Theme: ${root.dataset.theme || "auto"}`; };
  button.addEventListener("click", () => {
    const theme = next[root.dataset.theme || ""];
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    try {
      if (theme) localStorage.setItem("threatmodel-theme", theme);
      else localStorage.removeItem("threatmodel-theme");
    } catch { /* nothing is kept for this file: the choice lasts as long as the page */ }
    show();
  });
  show();
}
