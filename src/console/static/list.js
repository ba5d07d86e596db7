// A list of any length: only the lines in sight are in the document.
import { clock, duration } from "./console.js";

const HEIGHT = 44;
const SPARE = 10;
const NAMESPACE = "http://www.w3.org/2000/svg";
const DEEPEST = 12;

export function sign(outcome) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", `shape ${outcome}`);
  svg.setAttribute("aria-hidden", "true");
  const mark = document.createElementNS(NAMESPACE, outcome === "success" ? "circle" : "path");
  if (outcome === "success") { mark.setAttribute("cx", 6); mark.setAttribute("cy", 6); mark.setAttribute("r", 4.5); }
  else mark.setAttribute("d", outcome === "failure" ? "M6 .6 11.4 6 6 11.4.6 6Z" : "M6 1.2 11.2 10.6H.8Z");
  svg.append(mark);
  return svg;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export class List {
  constructor(place, onChoose) {
    this.place = place;
    this.order = [];
    this.chosen = null;
    this.tree = false;
    this.space = element("div", "list-space");
    this.space.setAttribute("role", "presentation");
    place.append(this.space);
    place.addEventListener("scroll", () => this.draw(), { passive: true });
    place.addEventListener("click", (event) => {
      const row = event.target.closest(".list-row");
      if (row) onChoose(row.dataset.id);
    });
    new ResizeObserver(() => this.draw()).observe(place);
  }

  show(order, { tree }) {
    this.order = order;
    this.tree = tree;
    const gaps = order.map((event) => event.gap ?? 0).sort((one, two) => one - two);
    this.long = Math.max(5000, 8 * (gaps[gaps.length >> 1] || 0));
    this.space.style.height = `${order.length * HEIGHT}px`;
    this.draw();
  }

  choose(id, { scroll }) {
    this.chosen = id;
    const at = this.order.findIndex((event) => event.id === id);
    if (scroll && at >= 0) {
      const top = at * HEIGHT;
      const { scrollTop, clientHeight } = this.place;
      if (top < scrollTop) this.place.scrollTop = top;
      else if (top + HEIGHT > scrollTop + clientHeight) this.place.scrollTop = top + HEIGHT - clientHeight;
    }
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.place.scrollTop / HEIGHT) - SPARE);
    const last = Math.min(this.order.length, Math.ceil((this.place.scrollTop + this.place.clientHeight) / HEIGHT) + SPARE);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(this.order[at], at));
    if (!this.order.length) rows.push(element("p", "empty", "No event to show: take the filter away."));
    this.space.replaceChildren(...rows);
    this.place.removeAttribute("aria-activedescendant");
    if (this.space.querySelector('[aria-selected="true"]')) this.place.setAttribute("aria-activedescendant", `e-${this.chosen}`);
  }

  row(event, at) {
    const row = element("div", `list-row ${event.outcome}`);
    row.id = `e-${event.id}`;
    row.dataset.id = event.id;
    row.style.top = `${at * HEIGHT}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(event.id === this.chosen));
    row.setAttribute("aria-setsize", this.order.length);
    row.setAttribute("aria-posinset", at + 1);
    row.append(this.when(event), this.what(event), element("div", "length", event.ms === null ? "" : duration(event.ms)));
    return row;
  }

  when(event) {
    const when = element("div", "when", clock(new Date(event.t), { day: false, millis: true }));
    if (event.gap !== null) when.append(element("small", event.gap >= this.long ? "long" : "", `+${duration(event.gap)}`));
    when.title = event.at;
    return when;
  }

  what(event) {
    const what = element("div", "what");
    if (this.tree && event.depth) what.append(this.twig(Math.min(event.depth, DEEPEST)));
    const words = element("span", "", event.type);
    words.append(element("small", "", event.said ? `${event.actor} · ${event.said}` : event.actor));
    const spoken = element("span", "visually-hidden", event.outcome);
    what.append(sign(event.outcome), words, spoken);
    what.title = event.said ? `${event.type}\n${event.said}` : event.type;
    return what;
  }

  twig(depth) {
    const svg = document.createElementNS(NAMESPACE, "svg");
    const width = depth * 12;
    svg.setAttribute("class", "twig");
    svg.setAttribute("width", width);
    svg.setAttribute("height", HEIGHT);
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(NAMESPACE, "path");
    path.setAttribute("d", `M${width - 6} 0V${HEIGHT / 2}H${width}`);
    svg.append(path);
    return svg;
  }
}
