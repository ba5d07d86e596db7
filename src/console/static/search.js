// Search: empty filters leave the address, and new events come in by themselves.
import { clock, showTimes, toast } from "./console.js";

const form = document.getElementById("filters");
form.addEventListener("submit", () => {
  for (const input of form.elements) if (input.name && !input.value) input.disabled = true;
});
window.addEventListener("pageshow", () => { for (const input of form.elements) input.disabled = false; });

const MOST_ROWS = 300;
const button = document.getElementById("tail");
const pause = document.getElementById("tail-pause");
const state = document.getElementById("tail-state");
const rows = document.getElementById("live-rows");
let source = null;
let paused = false;
let held = [];
let received = 0;

function say(words) { state.hidden = false; state.textContent = words; }

function shape(outcome) {
  const sample = document.querySelector(`#help-dialog .outcome.${outcome}`);
  return sample ? sample.cloneNode(true) : document.createTextNode(outcome);
}

function cell(content, name = "") {
  const td = document.createElement("td");
  td.className = name;
  td.append(content);
  return td;
}

function link(href, text, name) {
  const a = document.createElement("a");
  a.href = href; a.textContent = text; a.className = name;
  return a;
}

// Others wrote these texts: letters that cannot be seen are named, as the pages do it.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff]/g;
const visible = (text) => text.replace(HIDDEN, (one) => `⟨U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

function add(event) {
  const row = document.createElement("tr");
  row.className = "row fresh";
  const address = `/console/timeline?${new URLSearchParams({ correlation_id: event.correlation_id })}`;
  const time = document.createElement("time");
  time.dateTime = event.event_timestamp;
  time.textContent = clock(new Date(event.event_timestamp));
  row.append(cell(time, "when"), cell(shape(event.event_outcome)),
    cell(link(`${address}&event=${event.event_id}`, visible(event.event_type), "row-link")), cell(visible(event.actor_id)),
    cell(link(address, visible(event.correlation_id), "id")), cell(visible(event.error_message || ""), "preview"));
  rows.prepend(row);
  while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
}

function take(event) {
  received += 1;
  if (paused) {
    held.push(event);
    if (held.length > MOST_ROWS) held.shift();
    say(`Paused; ${held.length}${held.length === MOST_ROWS ? " or more" : ""} new events wait.`);
    return;
  }
  document.getElementById("results").hidden = false;
  add(event);
  say(`Live: ${received} new event${received === 1 ? "" : "s"}. The newest ${MOST_ROWS} are kept on the page.`);
}

function start() {
  source = new EventSource(button.dataset.address);
  source.onopen = () => say(received ? state.textContent : "Live: waiting for new events.");
  source.onmessage = (message) => take(JSON.parse(message.data));
  source.addEventListener("skipped", () => toast("More than 100 events in 1.5 s: only the newest are shown. Narrow the filters."));
  source.addEventListener("problem", (message) => say(`${JSON.parse(message.data).title}: ${JSON.parse(message.data).detail}`));
  source.addEventListener("over", () => { stop(); say("The live tail ended after 15 minutes. Start it again to go on."); });
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) { stop(); say("The live tail was refused: as many as allowed are open, or your session has ended. Reload the page."); }
    else say("The service does not answer; trying again.");
  };
}

function stop() {
  source?.close();
  source = null;
  button.setAttribute("aria-pressed", "false");
  button.textContent = "Live tail";
  pause.hidden = true;
}

button?.addEventListener("click", () => {
  if (source) { stop(); say(`Live tail stopped after ${received} events.`); return; }
  received = 0; paused = false; held = [];
  pause.textContent = "Pause";
  button.setAttribute("aria-pressed", "true");
  button.textContent = "Stop tail";
  pause.hidden = false;
  start();
});
pause?.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) { say("Paused; 0 new events wait."); return; }
  held.forEach(add);
  held = [];
  say(`Live: ${received} new events.`);
  showTimes(rows);
});
