// What every page does: times, themes, keys, copying, confirmations, refreshing.
const root = document.documentElement;
const csrf = document.querySelector('meta[name="csrf"]').content;
const pad = (number, digits = 2) => String(number).padStart(digits, "0");

export const zone = () => localStorage.getItem("zone") || "utc";

export function clock(date, { day = true, millis = false } = {}) {
  const utc = zone() === "utc";
  const part = (name) => (utc ? date[`getUTC${name}`]() : date[`get${name}`]());
  const time = `${pad(part("Hours"))}:${pad(part("Minutes"))}:${pad(part("Seconds"))}`;
  const whole = millis ? `${time}.${pad(part("Milliseconds"), 3)}` : time;
  return day ? `${part("FullYear")}-${pad(part("Month") + 1)}-${pad(part("Date"))} ${whole}` : whole;
}

export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60e3) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${pad(seconds % 60)} s` : ""}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

function ago(date) {
  const ms = Date.now() - date.getTime();
  if (ms < -5000) return `in ${duration(-ms)}`;
  return ms < 1000 ? "now" : `${duration(ms).replace(/ min \d+ s/, " min").replace(/\.\d s/, " s")} ago`;
}

export function showTimes(within = document) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    const full = clock(date);
    time.textContent = time.dataset.how === "ago" ? ago(date) : full;
    const other = zone() === "utc" ? date.toLocaleString() : `${date.toISOString().replace("T", " ").slice(0, 19)} UTC`;
    time.title = `${time.dateTime}\n${other}${time.dataset.how === "ago" ? `\n${full}` : ""}`;
  }
  for (const text of within.querySelectorAll("text[data-at]")) {
    const date = new Date(text.dataset.at);
    text.textContent = clock(date, { day: false }).slice(0, 5);
  }
}

let toastTimer;
export function toast(words) {
  const place = document.getElementById("toast");
  place.textContent = words;
  place.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.classList.remove("shown"), 2200);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // plain http on another host has no clipboard API
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast("Copied");
}

function showZone() {
  const button = document.getElementById("zone");
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  button.textContent = zone() === "utc" ? "UTC" : "Local";
  button.title = zone() === "utc" ? `Times are in UTC; show them in ${local}` : `Times are in ${local}; show them in UTC`;
  showTimes();
}

document.getElementById("zone").addEventListener("click", () => {
  localStorage.setItem("zone", zone() === "utc" ? "local" : "utc");
  showZone();
  document.dispatchEvent(new CustomEvent("zone"));
});
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});
const help = document.getElementById("help-dialog");
document.getElementById("help").addEventListener("click", () => help.showModal());

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (button) copy("copyAddress" in button.dataset ? location.href : button.dataset.copy);
});
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// Lists: j and k walk, Enter opens.
function walk(step) {
  const rows = [...document.querySelectorAll(".rows .row")].filter((row) => row.querySelector(".row-link"));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("here"));
  const next = Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step));
  rows[at]?.classList.remove("here");
  rows[next].classList.add("here");
  const link = rows[next].querySelector(".row-link");
  link.focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

const places = { o: "/console/", s: "/console/search", q: "/console/queue", m: "/console/months", w: "/console/workflows" };
let going = false;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll(".htmx-request").forEach((element) => window.htmx?.trigger(element, "htmx:abort"));
    if (document.activeElement?.matches("input")) document.activeElement.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.closest("input, select, textarea")) return;
  if (going) {
    going = false;
    if (places[event.key]) location.href = places[event.key];
    return;
  }
  if (event.key === "/") { event.preventDefault(); document.getElementById("find").focus(); }
  else if (event.key === "?") help.showModal();
  else if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); }
  else if ((event.key === "j" || event.key === "k") && !document.getElementById("timeline-data")) walk(event.key === "j" ? 1 : -1);
});

// Charts: what a column holds, under the pointer.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
document.addEventListener("pointermove", (event) => {
  const told = event.target.closest?.("[data-tip]")?.dataset.tip;
  tip.hidden = !told;
  if (!told) return;
  const [at, words] = told.split(/\|(.*)/s);
  const date = new Date(at);
  tip.textContent = Number.isNaN(date.getTime()) ? told : `${clock(date)}: ${words}`;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
});

// What refreshes itself: only while somebody looks.
for (const part of document.querySelectorAll("[data-refresh]")) {
  setInterval(() => {
    if (document.visibilityState === "visible" && !part.contains(document.activeElement)) {
      window.htmx.ajax("GET", part.dataset.refresh, { target: part, swap: "innerHTML" });
    }
  }, 15000);
}
document.body.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRF-Token"] = csrf; });
document.body.addEventListener("htmx:afterSwap", (event) => showTimes(event.target.parentElement || document));
document.body.addEventListener("htmx:sendError", () => toast("The service does not answer. Is it running?"));
document.body.addEventListener("htmx:timeout", () => toast("No answer in 20 s. Narrow the question."));
document.getElementById("cancel")?.addEventListener("click", () => {
  document.querySelectorAll(".further").forEach((element) => window.htmx.trigger(element, "htmx:abort"));
  toast("Cancelled");
});
showZone();
