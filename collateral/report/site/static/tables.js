/** A table whose bodies are one entry each: a row, and below it a row of details that opens. */
class List {
  constructor(table) {
    this.table = table;
    this.name = table.id.replace("-table", "");
    this.noun = table.dataset.noun || this.name;
    this.bodies = [...table.tBodies];
    this.order = new Map(this.bodies.map((body, index) => [body, index]));
    this.facets = data.tables[this.name] || null;
    this.chosen = new Map();
    this.query = "";
    this.texts = null;
    for (const body of this.bodies) this.dress(body);
    for (const head of table.querySelectorAll("th[data-sort]")) this.makeSortable(head);
    table.addEventListener("click", (event) => this.clicked(event));
    this.setUpFilters();
  }

  /** The first cell's text becomes the button that opens the details. */
  dress(body) {
    const cell = body.rows[0].querySelector("th");
    const label = cell.querySelector(".id, .name, .num") || cell;
    const more = body.rows[1];
    more.id = `more-${body.id}`;
    const button = make("button", { type: "button", class: "open", "aria-expanded": String(body.classList.contains("opened")), "aria-controls": more.id });
    label.replaceWith(button);
    button.append(label);
  }

  button(body) { return body.querySelector("button.open"); }

  clicked(event) {
    const row = event.target.closest("tr.row");
    if (!row || event.target.closest("a") || (String(getSelection()) && !event.target.closest("button"))) return;
    const body = row.parentElement;
    if (this.typed()) this.changed();
    this.toggle(body);
    const open = body.classList.contains("opened");
    if (!open && readHash().id !== this.idOf(body)) return;
    showHash(open ? writeHash(...body.id.split(/=(.*)/s).slice(0, 2), this.filters()) : this.hash());
  }

  idOf(body) { return body.id.slice(body.id.indexOf("=") + 1); }

  toggle(body, open = !body.classList.contains("opened")) {
    body.classList.toggle("opened", open);
    this.button(body).setAttribute("aria-expanded", String(open));
    const detail = body.querySelector(".detail");
    if (open && detail && !detail.querySelector("[data-copy]")) {
      const address = writeHash(...body.id.split(/=(.*)/s).slice(0, 2));
      detail.append(make("p", {}, make("button", { type: "button", "data-copy": address }, "Copy link")));
    }
  }

  /** Opens an entry and brings it into view; filters that hide it are dropped. */
  reveal(body) {
    if (body.hidden) this.reset();
    this.toggle(body, true);
    body.rows[0].scrollIntoView({ block: "start" });
    this.button(body).focus({ preventScroll: true });
  }

  shown() { return [...this.table.tBodies].filter((body) => !body.hidden); }

  /** The focus goes `by` rows on from the row that has it, or to the first one. */
  step(by) {
    const bodies = this.shown();
    const at = bodies.indexOf(document.activeElement.closest("tbody"));
    const body = bodies[at < 0 ? 0 : Math.min(Math.max(at + by, 0), bodies.length - 1)];
    if (!body) return;
    this.button(body).focus({ preventScroll: true });
    body.rows[0].scrollIntoView({ block: "nearest" });
    const bottom = body.rows[0].getBoundingClientRect();
    const head = this.table.tHead.getBoundingClientRect().bottom;
    if (bottom.top < head) scrollBy(0, bottom.top - head);
  }

  makeSortable(head) {
    const button = make("button", { type: "button", class: "sort" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => this.sort(head));
  }

  /** Ascending, descending, and back to the order of the page. */
  sort(head) {
    const now = head.getAttribute("aria-sort");
    const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    if (next) head.setAttribute("aria-sort", next);
    const key = this.sortKey(head);
    const sign = next === "descending" ? -1 : 1;
    const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
    const keys = next ? new Map(this.bodies.map((body) => [body, key(body)])) : null;
    const bodies = [...this.bodies];
    if (keys) bodies.sort((a, b) => sign * compare(keys.get(a), keys.get(b)) || this.order.get(a) - this.order.get(b));
    this.table.append(...bodies);
    say(next ? `Sorted by ${head.textContent}, ${next}` : "In the order of the report");
  }

  sortKey(head) {
    const [kind, facet] = head.dataset.sort.split(":");
    const text = (body) => body.rows[0].cells[head.cellIndex].textContent;
    if (kind === "facet") {
      const at = this.facets.facets.indexOf(facet);
      return (body) => this.facets.rows[this.order.get(body)][at][0];
    }
    if (kind === "number") return (body) => Number.parseFloat(text(body)) || 0;
    const states = ["contradicted", "undisclosed", "not found", "not checked", "unclaimed", "proposed", "attested", "verified"];
    return kind === "state" ? (body) => states.indexOf(text(body).trim()) : text;
  }

  setUpFilters() {
    this.form = document.querySelector(`form[data-filters="${this.name}"]`);
    if (!this.form || !this.facets) return;
    this.search = this.form.querySelector("input");
    this.selects = all("select", this.form);
    this.search.addEventListener("input", () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.changed(), 120); });
    for (const select of this.selects) select.addEventListener("change", () => this.changed());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.changed(); });
    document.querySelector(`[data-reset="${this.name}"]`).addEventListener("click", () => { this.reset(); showHash(this.hash()); });
  }

  changed() {
    this.typed();
    this.query = this.search.value;
    this.chosen = new Map(this.selects.filter((s) => s.value).map((s) => [s.dataset.facet, s.value]));
    this.filter();
    showHash(this.hash());
  }

  /** What was typed is taken, or dropped: nothing comes later. Says whether something was waiting. */
  typed() {
    const waiting = Boolean(this.typing);
    clearTimeout(this.typing);
    this.typing = 0;
    return waiting;
  }

  filters() {
    const list = this.facets ? this.facets.facets.filter((f) => this.chosen.has(f)).map((f) => [f, this.chosen.get(f)]) : [];
    return this.query ? [...list, ["q", this.query]] : list;
  }

  hash() { return writeHash(this.table.closest(".page").id, "", this.filters()); }

  reset() { this.apply(new Map()); }

  /** Takes the filters of a link. A value that the page does not have matches nothing, and is said so. */
  apply(filters) {
    if (!this.form || !this.facets) return;
    this.typed();
    this.query = filters.get("q") || "";
    this.search.value = this.query;
    this.chosen = new Map([...filters].filter(([name]) => this.facets.facets.includes(name)));
    for (const select of this.selects) select.value = this.chosen.get(select.dataset.facet) || "";
    this.filter();
  }

  filter() {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !this.texts) this.texts = this.bodies.map((body) => body.textContent.toLowerCase());
    const wanted = this.facets.facets.map((name, at) => (this.chosen.has(name) ? this.facets.values[at].indexOf(this.chosen.get(name)) : null));
    let count = 0;
    this.bodies.forEach((body, index) => {
      const row = this.facets.rows[index];
      const fits = wanted.every((value, at) => value === null || row[at].includes(value))
        && words.every((word) => this.texts[index].includes(word));
      body.hidden = !fits;
      count += fits;
    });
    for (const select of this.selects) select.classList.toggle("on", Boolean(select.value));
    const whole = this.bodies.length;
    byId(`${this.name}-found`).textContent = count === whole ? `${whole} ${this.noun}` : `${count} of ${whole} ${this.noun}`;
    byId(`${this.name}-empty`).hidden = count > 0;
  }
}
