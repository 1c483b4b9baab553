/**
 * Keeps an open page up to date. The server says only that something has changed; the page is read again, and those
 * parts that differ are put in the place of the old ones. What somebody types, selects or has in focus stays.
 */
const main = document.getElementById("main");
const said = document.getElementById("said");
const SECOND = 1000;
const [MINUTE, HOUR, DAY] = [60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];
const POLL_MS = 30 * SECOND;
const LATER_MS = 3 * SECOND;

/** The server's clock at a moment of ours: how right the clock of this machine is does not matter. */
let clock = { server: Number(main.dataset.now), local: performance.now() };
const now = () => clock.server + performance.now() - clock.local;

// ── Times that go on ────────────────────────────────────────────────────────────────────────────────────────────

/** As `duration` in times.ts. */
function duration(ms) {
  const units = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const largest = units.findIndex(([unitMs]) => ms >= unitMs);
  if (largest === -1) return "0 s";
  const shown = ms >= 10 * DAY || (ms < HOUR && ms >= MINUTE) ? 1 : 2;
  let rest = ms;
  const parts = units.slice(largest, largest + shown).map(([unitMs, unit]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count > 0 ? `${count} ${unit}` : "";
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** As `relative` in times.ts. */
function relative(at) {
  const off = at - now();
  if (Math.abs(off) < SECOND) return "now";
  return off > 0 ? `in ${duration(off)}` : `${duration(-off)} ago`;
}

const two = (number) => String(number).padStart(2, "0");

/** As `countdown` in times.ts. */
function countdown(at) {
  const left = Math.ceil((at - now()) / SECOND);
  if (left <= 0) return "over";
  const [days, hours, minutes] = [left / 86_400, (left / 3_600) % 24, (left / 60) % 60].map(Math.floor);
  if (days > 0) return `${days} d ${two(hours)} h ${two(minutes)} min`;
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(left % 60)} s`;
  return minutes > 0 ? `${minutes} min ${two(left % 60)} s` : `${left} s`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-rel], time[data-count]")) {
    const text = ("count" in time.dataset ? countdown : relative)(Date.parse(time.dateTime));
    // Only what differs: a selection in it would be lost.
    if (time.textContent !== text) time.textContent = text;
  }
}

// ── Parts that change ───────────────────────────────────────────────────────────────────────────────────────────

/** Part id → its markup as the server sent it last. */
const shown = new Map();
for (const part of document.querySelectorAll("[data-part]")) shown.set(part.id, part.outerHTML);

function isInUse(part) {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) return true;
  if (!("keep" in part.dataset)) return false;
  if (part.contains(document.activeElement)) return true;
  return [...part.querySelectorAll("input")].some(
    (input) => input.value !== input.defaultValue || input.checked !== input.defaultChecked,
  );
}

/** How to find the element in focus again; null: it is not in this part. */
function focusIn(part) {
  const focused = document.activeElement;
  if (!part.contains(focused) || focused === part) return null;
  const alike = [...part.querySelectorAll(focused.tagName)];
  const text = focused.textContent;
  const place = alike.filter((other) => other.textContent === text).indexOf(focused);
  return (next) =>
    [...next.querySelectorAll(focused.tagName)].filter((other) => other.textContent === text)[place] ?? null;
}

function swap(old, next) {
  const refocus = focusIn(old);
  const opened = new Map([...old.querySelectorAll("details[id]")].map(({ id, open }) => [id, open]));
  for (const details of next.querySelectorAll("details[id]"))
    if (opened.has(details.id)) details.open = opened.get(details.id);
  old.replaceWith(next);
  refocus?.(next)?.focus({ preventScroll: true });
}

/** True: some part is in use and still as it was. */
function take(page) {
  let isWaiting = false;
  const next = page.getElementById("main");
  clock = { server: Number(next.dataset.now), local: performance.now() };
  for (const part of next.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    const markup = part.outerHTML;
    if (!old || shown.get(part.id) === markup) continue;
    if (isInUse(old)) {
      isWaiting = true;
      continue;
    }
    shown.set(part.id, markup);
    swap(old, document.adoptNode(part));
  }
  const heading = next.querySelector("h1")?.textContent ?? document.querySelector("h1")?.textContent ?? "";
  if (document.title !== page.title) {
    document.title = page.title;
    said.textContent = heading;
  }
  const asOf = page.querySelector("#as-of time");
  if (asOf) document.querySelector("#as-of time")?.replaceWith(document.adoptNode(asOf));
  main.dataset.version = next.dataset.version;
  tick();
  return isWaiting;
}

let reading = null;
let again = false;

/** Reads the page again; while it is read, at most once more after that. */
function refresh() {
  if (reading) again = true;
  else
    reading = read().finally(() => {
      reading = null;
      if (again) refresh();
      again = false;
    });
}

async function read() {
  try {
    const answer = await fetch(main.dataset.address, { headers: { accept: "text/html" } });
    if (!answer.ok) return say("lost");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (take(page)) setTimeout(refresh, LATER_MS);
  } catch {
    say("lost");
  }
}

// ── The connection ──────────────────────────────────────────────────────────────────────────────────────────────

const WORDS = { live: "Live", still: "As of", lost: "Not reached since" };

function say(state) {
  const mark = document.getElementById("live");
  mark.dataset.state = state;
  mark.textContent = WORDS[state];
}

let events = null;

function listen() {
  if (events || document.hidden) return;
  events = new EventSource("/live");
  events.addEventListener("open", () => say("live"));
  events.addEventListener("message", ({ data }) => {
    say("live");
    if (data !== main.dataset.version) refresh();
  });
  events.addEventListener("error", () => {
    say("lost");
    if (events?.readyState !== EventSource.CLOSED) return;
    // It was refused, and the browser does not try again by itself.
    events = null;
    setTimeout(listen, POLL_MS);
    refresh();
  });
}

/** Nobody looks: a browser opens six connections to us and no more, whatever the number of tabs. */
function stopListening() {
  events?.close();
  events = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? stopListening() : listen()));
setInterval(tick, SECOND);
tick();
listen();
document.getElementById("answer")?.focus();
