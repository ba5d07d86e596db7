// The drawn axis: a lane for each service, marks by outcome, durations, gaps, and a summary by minute.
import { clock, duration } from "./console.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const LANE = 34;
const TOP = 26;
const MOST_LANES = 24;
const MOST_MARKS = 900;
const SUMMED = 60;
const SECOND = 1000;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3,
  3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3, 172800e3, 604800e3];
const OUTCOMES = ["success", "pending", "failure"];

function make(name, attributes, text) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const nice = (length, parts) => STEPS.find((step) => length / step <= parts) ?? STEPS.at(-1) * Math.ceil(length / STEPS.at(-1) / parts);

function mark(outcome, x, y, size) {
  if (outcome === "success") return make("circle", { cx: x, cy: y, r: size });
  if (outcome === "failure") {
    const far = size * 1.35;
    return make("path", { d: `M${x} ${y - far} ${x + far} ${y} ${x} ${y + far} ${x - far} ${y}Z` });
  }
  return make("path", { d: `M${x} ${y - size * 1.2} ${x + size * 1.2} ${y + size} ${x - size * 1.2} ${y + size}Z` });
}

export class Lanes {
  constructor(place, minutes, onChoose) {
    this.place = place;
    this.minutes = minutes;
    this.onChoose = onChoose;
    this.view = null;
    this.chosen = null;
    this.events = [];
    new ResizeObserver(() => this.draw()).observe(place);
    document.getElementById("zoom-in").addEventListener("click", () => this.zoom(0.5));
    document.getElementById("zoom-out").addEventListener("click", () => this.zoom(2));
    document.getElementById("zoom-all").addEventListener("click", () => { this.view = null; this.draw(); });
    place.addEventListener("click", (event) => {
      const id = event.target.closest("[data-id]")?.dataset.id;
      if (id) onChoose(id);
    });
    place.addEventListener("pointerdown", (event) => this.drag(event));
  }

  show(events, byId) {
    this.events = events;
    this.byId = byId;
    this.names = [...new Set(events.map((event) => event.actor))];
    this.laneOf = new Map(this.names.map((name, index) => [name, Math.min(index, MOST_LANES - 1)]));
    this.draw();
  }

  choose(id) {
    this.chosen = id;
    const event = this.byId.get(id);
    if (this.view && (event.t < this.view[0] || event.t > this.view[1])) {
      const half = (this.view[1] - this.view[0]) / 2;
      this.view = [event.t - half, event.t + half];
    }
    this.draw();
  }

  whole() {
    const first = Math.min(...this.starts());
    const last = this.events.at(-1).t;
    const room = Math.max((last - first) * 0.02, 5);
    return [first - room, last + room];
  }

  starts() {
    let least = this.events[0].t;
    for (const event of this.events) least = Math.min(least, event.t - (event.ms ?? 0));
    // A duration that began long before everything else must not squeeze the rest.
    const span = Math.max(this.events.at(-1).t - this.events[0].t, SECOND);
    return [Math.max(least, this.events[0].t - span)];
  }

  zoom(factor) {
    const [from, to] = this.view || this.whole();
    const chosen = this.chosen && this.byId.get(this.chosen);
    const middle = chosen ? chosen.t : (from + to) / 2;
    const [least, most] = this.whole();
    const half = Math.max(((to - from) * factor) / 2, 5);
    this.view = half * 2 >= most - least ? null : [middle - half, middle + half];
    this.draw();
  }

  drag(down) {
    if (down.button !== 0 || down.pointerType === "touch" || down.target.closest("[data-id]")) return;
    const box = this.place.getBoundingClientRect();
    const start = down.clientX - box.left;
    if (start < this.left) return;
    const area = make("rect", { class: "drag", x: start, y: 0, width: 0, height: box.height });
    this.svg.append(area);
    const move = (event) => {
      const at = event.clientX - box.left;
      area.setAttribute("x", Math.min(start, at));
      area.setAttribute("width", Math.abs(at - start));
    };
    const up = (event) => {
      removeEventListener("pointermove", move);
      const at = event.clientX - box.left;
      const [from, to] = this.shown;
      const time = (x) => from + ((Math.max(this.left, x) - this.left) / (this.width - this.left)) * (to - from);
      if (Math.abs(at - start) > 8) this.view = [time(Math.min(start, at)), time(Math.max(start, at))];
      this.draw();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up, { once: true });
  }

  draw() {
    this.width = this.place.clientWidth;
    if (!this.events.length || !this.width) return;
    this.drawMinutes();
    this.shown = this.view || this.whole();
    const narrow = this.width < 620;
    this.left = narrow ? 6 : Math.min(240, this.width * 0.24);
    const lanes = Math.min(this.names.length, MOST_LANES);
    this.laneHeight = narrow ? LANE + 14 : LANE;
    const height = TOP + lanes * this.laneHeight + 4;
    this.svg = make("svg", { viewBox: `0 0 ${this.width} ${height}`, height, role: "presentation" });
    const [from, to] = this.shown;
    this.x = (t) => this.left + ((t - from) / (to - from)) * (this.width - this.left - 8);
    this.drawStripes(lanes, narrow);
    this.drawAxis(height);
    this.drawGaps(height);
    this.drawEvents();
    this.place.replaceChildren(this.svg);
  }

  y(event) { return TOP + this.laneOf.get(event.actor) * this.laneHeight + this.laneHeight - LANE / 2; }

  drawStripes(lanes, narrow) {
    for (let lane = 0; lane < lanes; lane += 1) {
      const top = TOP + lane * this.laneHeight;
      this.svg.append(make("rect", { class: `stripe${lane % 2 ? " even" : ""}`, x: 0, y: top, width: this.width, height: this.laneHeight }));
      const more = lane === MOST_LANES - 1 && this.names.length > MOST_LANES;
      const name = more ? `${this.names.length - MOST_LANES + 1} further services` : this.names[lane];
      const room = Math.floor((narrow ? this.width : this.left) / 6.6) - 2;
      const text = make("text", { class: "lane-name", x: 6, y: narrow ? top + 12 : top + LANE / 2 + 4 }, name.length > room ? `${name.slice(0, room - 1)}…` : name);
      text.append(make("title", {}, name));
      this.svg.append(text);
    }
  }

  drawAxis(height) {
    const [from, to] = this.shown;
    const step = nice(to - from, Math.max(2, (this.width - this.left) / 110));
    const began = this.events[0].t;
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const x = this.x(at);
      if (x < this.left || x > this.width - 20) continue;
      const label = step < SECOND ? clock(new Date(at), { day: false, millis: true }) : step >= 86400e3 ? clock(new Date(at)).slice(5, 10) : clock(new Date(at), { day: false });
      const text = make("text", { x: x + 3, y: 15 }, label);
      text.append(make("title", {}, `${clock(new Date(at))}, ${duration(Math.abs(at - began))} ${at < began ? "before" : "after"} the first event`));
      this.svg.append(make("line", { class: "grid", x1: x, x2: x, y1: 4, y2: height }), text);
    }
  }

  drawGaps(height) {
    const [from, to] = this.shown;
    for (let index = 1; index < this.events.length; index += 1) {
      const event = this.events[index];
      const before = this.events[index - 1].t;
      if (event.gap < (to - from) * 0.12 || event.t < from || before > to) continue;
      const left = Math.max(this.x(before), this.left) + 8;
      const width = Math.min(this.x(event.t), this.width) - 8 - left;
      if (width < 70) continue;
      const text = make("text", { class: "gap-text", x: left + width / 2, y: height - 8, "text-anchor": "middle" }, `${duration(event.gap)} without events`);
      this.svg.append(make("rect", { class: "gap-band", x: left, y: TOP, width, height: height - TOP - 4, rx: 4 }));
      if (width > 150) this.svg.append(text);
    }
  }

  drawEvents() {
    const [from, to] = this.shown;
    const inside = this.events.filter((event) => event.t >= from && event.t - (event.ms ?? 0) <= to);
    if (inside.length > MOST_MARKS) this.drawSummed(inside);
    else this.drawSingle(inside);
    this.drawChosen();
  }

  drawSingle(inside) {
    const spans = [];
    const marks = [];
    const last = new Map();
    for (const event of inside) {
      const x = this.x(event.t);
      const key = this.laneOf.get(event.actor);
      const near = last.get(key);
      const row = near && x - near.x < 11 ? (near.row + 1) % 3 : 0;
      last.set(key, { x, row });
      const y = this.y(event) + [0, -8, 8][row];
      event.place = { x, y };
      if (event.ms) {
        const start = Math.max(this.x(event.t - event.ms), this.left);
        spans.push(make("rect", { class: `span ${event.outcome}`, x: start, y: y - 3, width: Math.max(1, x - start), height: 6, rx: 3 }));
      }
      const shape = mark(event.outcome, x, y, 5.5);
      shape.setAttribute("class", `mark ${event.outcome}`);
      shape.dataset.id = event.id;
      shape.dataset.tip = `${event.at}|${event.type}, ${event.outcome}${event.ms === null ? "" : `, took ${duration(event.ms)}`}${event.said ? `: ${event.said}` : ""}`;
      marks.push([event.rank, shape]);
    }
    marks.sort((one, two) => one[0] - two[0]);
    this.svg.append(...spans, ...marks.map((one) => one[1]));
  }

  // Too many to tell apart: one mark for all that fall on the same few pixels, the worst outcome wins.
  drawSummed(inside) {
    const cells = new Map();
    for (const event of inside) {
      const key = `${this.laneOf.get(event.actor)}:${Math.round(this.x(event.t) / 7)}`;
      const cell = cells.get(key);
      event.place = null;
      if (!cell) cells.set(key, { event, number: 1, failed: event.rank === 2 ? 1 : 0 });
      else {
        cell.number += 1;
        if (event.rank === 2) cell.failed += 1;
        if (event.rank > cell.event.rank) cell.event = event;
      }
    }
    const marks = [...cells.values()].sort((one, two) => one.event.rank - two.event.rank);
    for (const { event, number, failed } of marks) {
      const shape = mark(event.outcome, this.x(event.t), this.y(event), Math.min(9, 2.6 + Math.log2(number + 1)));
      shape.setAttribute("class", `mark ${event.outcome}`);
      shape.dataset.id = event.id;
      shape.dataset.tip = `${event.at}|${number} event${number > 1 ? "s" : ""}${failed ? `, ${failed} failed` : ""}; zoom in to tell them apart`;
      this.svg.append(shape);
    }
  }

  drawChosen() {
    const event = this.byId.get(this.chosen);
    if (!event || event.t < this.shown[0] || event.t > this.shown[1]) return;
    const { x, y } = event.place ?? { x: this.x(event.t), y: this.y(event) };
    const parent = this.byId.get(event.parent);
    if (parent) {
      const from = parent.place ?? { x: this.x(parent.t), y: this.y(parent) };
      const bend = Math.max(20, (x - from.x) / 2);
      this.svg.append(make("path", { class: "parent-link", d: `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${x - bend} ${y} ${x} ${y}` }));
    }
    const shape = mark(event.outcome, x, y, 7.5);
    shape.setAttribute("class", `mark chosen ${event.outcome}`);
    shape.dataset.id = event.id;
    shape.dataset.tip = `${event.at}|${event.type}, ${event.outcome}${event.said ? `: ${event.said}` : ""}`;
    this.svg.append(shape);
  }

  // How many events in each minute (or a longer step): shown when there are many.
  drawMinutes() {
    this.minutes.hidden = this.events.length < SUMMED;
    if (this.minutes.hidden) return;
    const first = this.events[0].t;
    const span = Math.max(this.events.at(-1).t - first, SECOND);
    const step = Math.max(nice(span, 120), span > 600e3 ? 60e3 : SECOND);
    const bins = new Map();
    for (const event of this.events) {
      const at = Math.floor(event.t / step) * step;
      if (!bins.has(at)) bins.set(at, [0, 0, 0]);
      bins.get(at)[event.rank] += 1;
    }
    const top = Math.max(...[...bins.values()].map((bin) => bin[0] + bin[1] + bin[2]));
    const [from, to] = this.whole();
    const width = this.width;
    const svg = make("svg", { viewBox: `0 0 ${width} 64`, height: 64, role: "img", "aria-label": `Events per ${duration(step)}, ${top} at the most` });
    const left = width < 620 ? 6 : Math.min(240, width * 0.24);
    const x = (t) => left + ((t - from) / (to - from)) * (width - left - 8);
    svg.append(make("text", { x: 6, y: 16 }, `events per ${duration(step)}`), make("text", { x: 6, y: 32 }, `${top.toLocaleString("en")} at the most`));
    for (const [at, bin] of bins) {
      let base = 60;
      const place = x(Math.max(at, from));
      const broad = Math.max(1.5, x(Math.min(at + step, to)) - place - 1);
      bin.forEach((number, rank) => {
        if (!number) return;
        const height = Math.max(1.5, (number / top) * 52);
        base -= height;
        svg.append(make("rect", { class: `fill-${OUTCOMES[rank]}`, x: place, y: base, width: broad, height }));
      });
      const hit = make("rect", { class: "hit", x: place, y: 0, width: broad, height: 60 });
      hit.dataset.tip = `${new Date(at).toISOString()}|${bin[0]} success, ${bin[2]} failure, ${bin[1]} pending; click to zoom`;
      hit.addEventListener("click", () => { this.view = [at - step * 0.05, at + step * 1.05]; this.draw(); });
      svg.append(hit);
    }
    this.minutes.replaceChildren(svg);
  }
}
