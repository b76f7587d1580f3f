const pages = new Map(all(".page").map((page) => [page.id, page]));
const lists = new Map(all("table.list").map((table) => { const list = new List(table); return [list.name, list]; }));
const pictures = new Map(all(".dfd").map((figure) => [figure.dataset.diagram, new Picture(figure, pick)]));
const homes = new Map([...pictures].map(([id, picture]) => [id, picture.figure.parentElement]));
const picker = byId("diagram-pick");
const panel = byId("panel");
let current = "";
let shownDiagram = "";
let selection = null;
let cameFrom = null;

function openPage(id) {
  if (id === current) return;
  current = id;
  for (const [name, page] of pages) page.hidden = name !== id;
  for (const link of all(".side a")) {
    if (link.hash === `#${id}`) { link.setAttribute("aria-current", "page"); link.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    else link.removeAttribute("aria-current");
  }
  if (id === "views") for (const [name, picture] of pictures) homes.get(name).append(picture.figure);
  if (id === "diagrams" && picker) showDiagram(shownDiagram || picker.value);
  closePanel(false);
}

/** The diagram page holds the one that is picked; those of the views go back there when the views are opened. */
function showDiagram(id) {
  const picture = pictures.get(id);
  if (!picture || !picker) return;
  const place = byId("showcase");
  for (const figure of [...place.children]) if (figure !== picture.figure) homes.get(figure.dataset.diagram).append(figure);
  place.append(picture.figure);
  for (const figure of all("#gallery .dfd")) figure.hidden = true;
  picture.figure.hidden = false;
  shownDiagram = id;
  picker.value = id;
}

function pick(what, picture) {
  selection = what;
  for (const other of pictures.values()) other.select(what);
  if (!what) { closePanel(true); if (current === "diagrams") showHash(writeHash("diagram", shownDiagram)); return; }
  const flow = what.flows && flowByNumber.get(what.flows[0]);
  if (current === "diagrams") showHash(what.element === undefined ? writeHash("flow", flow.id) : writeHash("element", what.element));
  openPanel(what, picture);
}

/** The facts of the selection are those of the lists of elements and flows, copied. */
function openPanel(what, picture) {
  const ids = what.element === undefined
    ? what.flows.map((number) => `flow=${flowByNumber.get(number).id}`) : [`element=${what.element}`];
  const parts = ids.map((id) => partOf(byId(id), id)).filter(Boolean);
  const close = make("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => pick(null));
  panel.replaceChildren(close, ...parts);
  panel.hidden = false;
  document.body.classList.add("panel-open");
  cameFrom = picture ? document.activeElement : null;
  panel.scrollTop = 0;
  panel.focus({ preventScroll: true });
}

function partOf(body, id) {
  if (!body) return null;
  const row = body.rows[0];
  const name = body.querySelector(".name");
  const number = row.querySelector(".num");
  const title = make("h2", {}, `${number ? `${number.textContent} ` : ""}${name.textContent}`);
  const small = make("p", { class: "soft" }, body.querySelector(".under.id").textContent);
  const cells = [...row.cells].slice(1).filter((cell) => !cell.classList.contains("n") && !cell.contains(name));
  const line = make("p", { class: "soft" }, cells.map((cell) => cell.textContent.trim()).join(number ? ", " : " in "));
  const detail = body.querySelector(".detail").cloneNode(true);
  for (const button of detail.querySelectorAll("[data-copy]")) button.parentElement.remove();
  for (const head of all("h4", detail)) head.replaceWith(make("h3", {}, head.textContent));
  const copy = make("button", { type: "button", "data-copy": writeHash(...id.split(/=(.*)/s).slice(0, 2)) }, "Copy link");
  const part = make("div", { class: "part" }, title, small);
  if (!number) part.append(line);
  part.append(detail, copy);
  return part;
}

function closePanel(back) {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("panel-open");
  if (back && cameFrom && cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
}

const within = { threat: "threats", control: "controls", claim: "claims", finding: "findings", view: "views", boundary: "system",
  boundaries: "system", elements: "system", flows: "system", adversary: "scope", asset: "scope",
  rule: "rules", path: "paths", need: "storage", statement: "predecessor", advisory: "advisories" };

/** Follows the hash: a page with filters, an entry of a list, a diagram, or a selection in a diagram. */
function follow() {
  const { kind, id, filters } = readHash();
  if (kind === "main") { byId("main").focus(); return; }
  if (pages.has(kind)) {
    openPage(kind);
    if (lists.has(kind)) lists.get(kind).apply(filters);
    scrollTo(0, 0);
    return;
  }
  if (kind === "diagram" && pictures.has(id)) { openPage("diagrams"); showDiagram(id); scrollTo(0, 0); return; }
  if (kind === "element" || kind === "flow") { followToDiagram(kind, id); return; }
  const page = within[kind];
  if (!page) { openPage("summary"); return; }
  openPage(page);
  const list = lists.get(page);
  const target = byId(id ? `${kind}=${id}` : kind);
  if (list && id) list.apply(filters);
  if (!target) { say(`${kind} ${id} is not in this configuration`); return; }
  const row = target.closest("table.list > tbody");
  if (row) list.reveal(row);
  if (row !== target) {
    if (target.matches("details")) target.open = true;
    target.scrollIntoView({ block: "start" });
  }
}

function followToDiagram(kind, id) {
  const flow = flowById.get(id);
  const what = kind === "element" ? { element: id } : flow && { flows: [String(flow.number)] };
  const known = what && byId(`${kind}=${id}`);
  if (!known) { openPage("diagrams"); say(`${kind} ${id} is not in this configuration`); return; }
  const inPlace = current === "views" && [...pictures.values()].some((p) => p.figure.closest("#views") && p.has(what));
  if (!inPlace) {
    const shown = pictures.get(shownDiagram);
    const picture = shown && shown.has(what) ? shown : [...pictures.values()].find((p) => p.has(what));
    if (!picture) { openPage("system"); lists.get(`${kind}s`).reveal(known); return; }
    openPage("diagrams");
    showDiagram(picture.id);
    pick(what);
    picture.zoomToSelection();
    picture.figure.scrollIntoView({ block: "start" });
    return;
  }
  pick(what);
}

function setUpKeys() {
  const help = byId("help");
  const typing = (node) => node.matches("input:not([type=checkbox]), select, textarea");
  byId("keys").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") {
      const wide = document.querySelector(".dfd.wide");
      if (!panel.hidden || selection) pick(null);
      else if (wide) wide.querySelector('[data-act="wide"]').click();
      return;
    }
    if (typing(event.target) || !byId("keys-on").checked) return;
    const list = lists.get(current === "system" ? "elements" : current);
    if (event.key === "/") {
      if (!list || !list.search) { history.pushState(null, "", "#threats"); follow(); } // no hashchange, which would wipe what is typed by then
      lists.get(current)?.search?.focus();
    } else if (event.key === "j" && list) list.step(1);
    else if (event.key === "k" && list) list.step(-1);
    else if (event.key === "?") help.showModal();
    else return;
    event.preventDefault();
  });
}

if (picker) picker.addEventListener("change", () => { pick(null); showDiagram(picker.value); showHash(writeHash("diagram", picker.value)); });
setUpCopying();
setUpTheme();
setUpKeys();
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => { for (const figure of all(".dfd")) homes.get(figure.dataset.diagram).append(figure); });
addEventListener("afterprint", () => { if (current === "diagrams") showDiagram(shownDiagram); });
document.documentElement.classList.add("ready");
follow();
