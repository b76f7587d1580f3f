const flowByNumber = new Map(data.flows.map((flow) => [String(flow[0]), { number: flow[0], id: flow[1], source: flow[2], target: flow[3] }]));
const flowById = new Map([...flowByNumber.values()].map((flow) => [flow.id, flow]));

/** The title of a part, after what is written on it where the title has not the same words: who speaks to the machine
    says what is written. */
function nameOf(node) {
  const lines = all("text", node);
  for (const line of lines.slice(1)) line.before(" ");
  const plain = (text) => text.trim().replace(/\s+/g, " ");
  const written = plain(lines.map((line) => line.textContent).join(" "));
  const title = node.querySelector("title");
  const told = title ? plain(title.textContent) : "";
  return told.includes(written) ? told : [written, told].filter(Boolean).join(": ");
}

/** One diagram: pan, zoom, and a selection with its neighbours. */
class Picture {
  constructor(figure, onPick) {
    this.figure = figure;
    this.id = figure.dataset.diagram;
    this.stage = figure.querySelector(".stage");
    this.svg = this.stage && this.stage.querySelector("svg");
    this.onPick = onPick;
    if (!this.svg) return;
    const box = (this.svg.getAttribute("viewBox") || "0 0 100 100").split(/[\s,]+/).map(Number);
    this.base = { x: box[0], y: box[1], w: box[2], h: box[3] };
    this.box = { ...this.base };
    this.points = new Map();
    this.svg.setAttribute("role", "group");
    this.stage.tabIndex = 0;
    // Its keys move the picture: a reader of screens has to hand them on.
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-label", "Picture: arrow keys move it, plus and minus zoom, Tab goes to the elements");
    this.nodes = all("[data-e], g.node[data-f]", this.svg);
    this.nodes.forEach((node, index) => {
      node.setAttribute("role", "button");
      node.setAttribute("tabindex", index ? "-1" : "0");
      node.setAttribute("aria-label", nameOf(node));
    });
    this.listen();
  }

  listen() {
    const { stage } = this;
    stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(Math.exp(event.deltaY * (event.deltaMode ? 0.05 : 0.0025)), event.clientX, event.clientY);
    }, { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.up(event));
    stage.addEventListener("click", (event) => {
      if (this.dragged) { this.dragged = false; return; }
      const node = event.target.closest("[data-e], [data-f]");
      if (node) this.choose(node);
      else this.onPick(null);
    });
    stage.addEventListener("keydown", (event) => this.key(event));
    this.figure.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.act(button.dataset.act, button);
    });
  }

  act(name, button) {
    if (name === "in") this.zoom(0.7);
    if (name === "out") this.zoom(1 / 0.7);
    if (name === "fit") this.show(this.base);
    if (name === "find") this.zoomToSelection();
    if (name === "clear") this.onPick(null);
    if (name === "wide") button.setAttribute("aria-pressed", String(this.figure.classList.toggle("wide")));
  }

  show(box) {
    this.box = { ...box };
    this.svg.setAttribute("viewBox", [box.x, box.y, box.w, box.h].map((n) => n.toFixed(2)).join(" "));
    this.stage.classList.toggle("zoomed", box.w < this.base.w * 0.99);
  }

  /** Picture units for one pixel of the screen, and where the picture starts. */
  scale() {
    const area = this.svg.getBoundingClientRect();
    const unit = Math.max(this.box.w / area.width, this.box.h / area.height);
    return { area, unit, left: this.box.x - (area.width * unit - this.box.w) / 2, top: this.box.y - (area.height * unit - this.box.h) / 2 };
  }

  zoom(factor, clientX, clientY) {
    const { area, unit, left, top } = this.scale();
    const px = (clientX === undefined ? area.width / 2 : clientX - area.left) * unit + left;
    const py = (clientY === undefined ? area.height / 2 : clientY - area.top) * unit + top;
    const f = Math.min(Math.max(factor, (this.base.w * 0.04) / this.box.w), (this.base.w * 1.6) / this.box.w);
    this.show({ x: px - (px - this.box.x) * f, y: py - (py - this.box.y) * f, w: this.box.w * f, h: this.box.h * f });
  }

  pan(dx, dy) {
    const { unit } = this.scale();
    const keep = (value, low, high) => Math.min(Math.max(value, low), high);
    const { base, box } = this;
    this.show({ ...box,
      x: keep(box.x - dx * unit, base.x - box.w * 0.8, base.x + base.w - box.w * 0.2),
      y: keep(box.y - dy * unit, base.y - box.h * 0.8, base.y + base.h - box.h * 0.2) });
  }

  down(event) {
    if (event.button) return;
    this.points.set(event.pointerId, [event.clientX, event.clientY]);
    this.dragged = false;
  }

  move(event) {
    const before = this.points.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const touchAtRest = event.pointerType === "touch" && this.points.size === 1 && !this.stage.classList.contains("zoomed");
    if (touchAtRest) return;
    if (this.points.size === 1 && !this.dragged && Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
    if (!this.dragged) this.stage.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.stage.classList.add("moving");
    if (this.points.size === 2) {
      const other = [...this.points].find(([id]) => id !== event.pointerId)[1];
      const span = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      this.zoom(span(before) / span(now), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
    this.points.set(event.pointerId, now);
  }

  up(event) {
    this.points.delete(event.pointerId);
    if (!this.points.size) this.stage.classList.remove("moving");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = event.target.closest("[data-e], g.node[data-f]");
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way && node) this.go(node, way);
    else if (way) this.pan(-way[0] * 60, -way[1] * 60);
    else if (event.key === "+" || event.key === "=") this.zoom(0.8);
    else if (event.key === "-") this.zoom(1.25);
    else if (event.key === "0") this.show(this.base);
    else if (event.key === "z") this.zoomToSelection();
    else if ((event.key === "Enter" || event.key === " ") && node) this.choose(node);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** To the nearest element or flow number in a direction. */
  go(from, [dx, dy]) {
    const centre = (node) => { const r = node.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; };
    const [x, y] = centre(from);
    let best = null;
    for (const node of this.nodes) {
      const [nx, ny] = centre(node);
      const along = (nx - x) * dx + (ny - y) * dy;
      const across = Math.abs((nx - x) * dy) + Math.abs((ny - y) * dx);
      const cost = along + 2 * across;
      if (node !== from && along > 1 && (!best || cost < best.cost)) best = { node, cost };
    }
    if (best) this.focus(best.node);
  }

  focus(node) {
    for (const other of this.nodes) other.setAttribute("tabindex", other === node ? "0" : "-1");
    node.focus({ preventScroll: true });
    const inner = node.getBoundingClientRect();
    const outer = this.stage.getBoundingClientRect();
    const over = (low, high, from, to) => (low < from ? from - low + 24 : high > to ? to - high - 24 : 0);
    const dx = over(inner.left, inner.right, outer.left, outer.right);
    const dy = over(inner.top, inner.bottom, outer.top, outer.bottom);
    if (dx || dy) this.pan(dx, dy);
  }

  choose(node) {
    this.onPick(node.dataset.e === undefined ? { flows: node.dataset.f.split(" ") } : { element: node.dataset.e }, this);
  }

  has(pick) {
    return Boolean(this.svg) && all("[data-e], [data-f]", this.svg).some((node) => this.isPicked(node, pick));
  }

  isPicked(node, pick) {
    if (pick.element !== undefined) return node.dataset.e === pick.element;
    return (node.dataset.f || "").split(" ").some((number) => pick.flows.includes(number));
  }

  /** Dims all but the selection and what it is joined with; null clears. */
  select(pick) {
    if (!this.svg) return;
    this.svg.classList.toggle("picked", Boolean(pick));
    for (const button of all('[data-act="clear"], [data-act="find"]', this.figure)) button.disabled = !pick;
    const numbers = new Set();
    const ends = new Set();
    for (const flow of pick ? flowByNumber.values() : []) {
      const joined = pick.element === undefined
        ? pick.flows.includes(String(flow.number)) : flow.source === pick.element || flow.target === pick.element;
      if (joined) { numbers.add(String(flow.number)); ends.add(flow.source).add(flow.target); }
    }
    if (pick && pick.element !== undefined) ends.add(pick.element);
    for (const node of all("[data-e], [data-f]", this.svg)) {
      const on = node.dataset.e === undefined ? node.dataset.f.split(" ").some((n) => numbers.has(n)) : ends.has(node.dataset.e);
      node.classList.toggle("on", Boolean(pick) && on);
      const chosen = Boolean(pick) && this.isPicked(node, pick);
      node.classList.toggle("chosen", chosen);
      if (node.getAttribute("role") === "button") node.setAttribute("aria-pressed", String(chosen));
    }
    for (const row of all("tr[data-n]", this.figure)) row.classList.toggle("on", numbers.has(row.dataset.n));
  }

  zoomToSelection() {
    const { unit, area, left, top } = this.scale();
    const boxes = all(".node.on", this.svg).map((node) => node.getBoundingClientRect());
    if (!boxes.length) return;
    const x = Math.min(...boxes.map((b) => b.left)); const y = Math.min(...boxes.map((b) => b.top));
    const right = Math.max(...boxes.map((b) => b.right)); const bottom = Math.max(...boxes.map((b) => b.bottom));
    const ratio = this.base.h / this.base.w;
    const w = Math.max((right - x) * unit + 40, ((bottom - y) * unit + 40) / ratio);
    const h = w * ratio;
    const middle = { x: ((x + right) / 2 - area.left) * unit + left, y: ((y + bottom) / 2 - area.top) * unit + top };
    this.show({ x: middle.x - w / 2, y: middle.y - h / 2, w, h });
  }
}
