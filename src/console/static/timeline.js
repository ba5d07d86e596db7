// A correlation: loads its events portion by portion and keeps drawing, list and address in step.
import { duration, toast } from "./console.js";
import { Lanes } from "./lanes.js";
import { List } from "./list.js";

const data = JSON.parse(document.getElementById("timeline-data").textContent);
const RANK = { success: 0, pending: 1, failure: 2 };
const say = (words) => { document.getElementById("list-state").textContent = words; };

// Microseconds count: Date alone would drop the last three digits.
function instant(text) {
  const [, head, fraction = ""] = /^(.*?)(?:\.(\d+))?Z?$/.exec(text);
  return Date.parse(`${head}Z`) + Number(`0.${fraction || 0}`) * 1000;
}

const events = [];
const byId = new Map();
let chosen = null;

function take(portion) {
  for (const one of portion) {
    const event = { ...one, t: instant(one.at), rank: RANK[one.outcome] ?? 1 };
    event.gap = events.length ? event.t - events[events.length - 1].t : null;
    events.push(event);
    byId.set(event.id, event);
  }
}

function depths() {
  const depth = new Map();
  for (const event of events) {
    const above = event.parent && event.parent !== event.id ? depth.get(event.parent) : undefined;
    depth.set(event.id, above === undefined ? 0 : Math.min(above + 1, 1000));
  }
  for (const event of events) event.depth = depth.get(event.id);
}

function tree() {
  const children = new Map();
  const tops = [];
  for (const event of events) {
    if (event.parent && byId.has(event.parent) && byId.get(event.parent).t <= event.t && event.parent !== event.id) {
      if (!children.has(event.parent)) children.set(event.parent, []);
      children.get(event.parent).push(event);
    } else tops.push(event);
  }
  const order = [];
  const open = tops.reverse();
  while (open.length) {
    const event = open.pop();
    order.push(event);
    const below = children.get(event.id) || [];
    for (let index = below.length - 1; index >= 0; index -= 1) open.push(below[index]);
  }
  return order.length === events.length ? order : events; // links in a circle: nothing may be left out
}

const lanes = new Lanes(document.getElementById("lanes"), document.getElementById("minutes"), (id) => choose(id));
const list = new List(document.getElementById("list"), (id) => choose(id, { scroll: false }));
const onlyFailures = document.getElementById("only-failures");
const byTime = document.getElementById("by-time");
const asTree = document.getElementById("as-tree");
let asked = null;

function show() {
  const inTree = asTree.getAttribute("aria-pressed") === "true";
  const order = (inTree ? tree() : events).filter((event) => !onlyFailures.checked || event.outcome === "failure");
  list.show(order, { tree: inTree });
}

function refresh() {
  depths();
  lanes.show(events, byId);
  show();
  const took = document.getElementById("took");
  took.textContent = duration(instant(took.dataset.last) - instant(took.dataset.first));
}

function choose(id, { scroll = true, remember = true } = {}) {
  if (!byId.has(id)) return false;
  chosen = id;
  list.choose(id, { scroll });
  lanes.choose(id);
  if (remember) {
    const address = new URL(location.href);
    address.searchParams.set("event", id);
    history.replaceState(null, "", address);
  }
  clearTimeout(asked);
  asked = setTimeout(() => window.htmx.ajax("GET", `/console/events/${id}`, { target: "#detail", swap: "innerHTML" }), 90);
  return true;
}

function step(by, wanted = () => true) {
  const order = list.order;
  let at = order.findIndex((event) => event.id === chosen);
  if (at < 0 && by < 0) at = order.length;
  for (at += by; at >= 0 && at < order.length; at += by) {
    if (wanted(order[at])) { choose(order[at].id); return; }
  }
  if (by > 0 && wanted({ outcome: "" }) === false) toast("No further failure below");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const inList = event.target.closest("#list, #lanes");
  if (event.key === "j" || (inList && event.key === "ArrowDown")) { event.preventDefault(); step(1); }
  else if (event.key === "k" || (inList && event.key === "ArrowUp")) { event.preventDefault(); step(-1); }
  else if (event.key === "f") step(1, (one) => one.outcome === "failure");
  else if (inList && event.key === "Home") { event.preventDefault(); if (list.order.length) choose(list.order[0].id); }
  else if (inList && event.key === "End") { event.preventDefault(); if (list.order.length) choose(list.order.at(-1).id); }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-choose]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (choose(link.dataset.choose)) event.preventDefault();
});
for (const [button, other] of [[byTime, asTree], [asTree, byTime]]) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", "true");
    other.setAttribute("aria-pressed", "false");
    show();
    if (chosen) list.choose(chosen, { scroll: true });
  });
}
onlyFailures.addEventListener("change", show);
document.addEventListener("zone", refresh);

async function loadRest() {
  let cursor = data.rows.next;
  while (cursor && events.length < data.most) {
    say(`${events.length.toLocaleString("en")} events so far, loading more …`);
    const query = new URLSearchParams({ correlation_id: data.correlation, cursor });
    const answer = await fetch(`/console/timeline/rows?${query}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) {
      say(`Only the first ${events.length.toLocaleString("en")} events are here: the service did not give the rest. Reload to try again.`);
      return;
    }
    const portion = await answer.json();
    take(portion.events);
    cursor = portion.next;
    refresh();
    if (!chosen) choose(wanted, { remember: false });
  }
  const number = events.length.toLocaleString("en");
  say(cursor ? `The first ${number} events. Search for a type or a service to see the others.` : `${number} events`);
}

take(data.rows.events);
refresh();
const wanted = data.chosen || data.failure || events[0].id;
choose(wanted, { remember: false });
loadRest().catch(() => say(`Only the first ${events.length} events are here: the service did not answer. Reload to try again.`));
