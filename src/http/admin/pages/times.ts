/** Times as people read them: in UTC, and how far off they are. `assets/live.js` says the same, second by second. */
import { html, type Html } from "./html.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
] as const;
/** From here on hours do not matter. */
const DAYS_ONLY = 10 * DAY;

/** `48 d`, `6 d 3 h`, `6 h 12 min`, `12 min`, `45 s`; rounded down. */
export function duration(ms: number): string {
  const largest = UNITS.findIndex(([unitMs]) => ms >= unitMs);
  if (largest === -1) return "0 s";
  const shown = ms >= DAYS_ONLY || (ms < HOUR && ms >= MINUTE) ? 1 : 2;
  let rest = ms;
  const parts = UNITS.slice(largest, largest + shown).map(([unitMs, unit]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count > 0 ? `${count} ${unit}` : "";
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** `in 6 h 12 min`, `9 d ago`, `now`. */
export function relative(at: number, now: number): string {
  if (Math.abs(at - now) < SECOND) return "now";
  return at > now ? `in ${duration(at - now)}` : `${duration(now - at)} ago`;
}

/** What is left, to the second: `23 h 14 min 09 s`; `over` when nothing is. */
export function countdown(at: number, now: number): string {
  const left = Math.ceil((at - now) / SECOND);
  if (left <= 0) return "over";
  const days = Math.floor(left / 86_400);
  const hours = Math.floor(left / 3_600) % 24;
  const minutes = Math.floor(left / 60) % 60;
  if (days > 0) return `${days} d ${two(hours)} h ${two(minutes)} min`;
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(left % 60)} s`;
  return minutes > 0 ? `${minutes} min ${two(left % 60)} s` : `${left} s`;
}

/** `2026-11-21 12:00 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Epoch milliseconds of an ISO time; null stays null. */
export function instant(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time);
}

/** How far off; the moment itself on hovering. */
export function away(at: number, now: number): Html {
  return html`<time datetime="${iso(at)}" title="${utc(at)}" data-rel>${relative(at, now)}</time>`;
}

/** The same in fewer bytes, where there are many. */
export function shortly(at: number, now: number): Html {
  return html`<time datetime="${iso(at).slice(0, 16)}Z" data-rel>${relative(at, now)}</time>`;
}

/** The moment, and how far off. */
export function moment(at: number, now: number): Html {
  const off = html`<time datetime="${iso(at)}" data-rel>${relative(at, now)}</time>`;
  return html`<span class="moment"
    ><span class="stamp">${utc(at)}<i>, </i></span>${off}</span
  >`;
}

/** Counts down to it. */
export function ticking(at: number, now: number): Html {
  return html`<time class="ticking" datetime="${iso(at)}" title="${utc(at)}" data-count
    >${countdown(at, now)}</time
  >`;
}

/** To the second, for what follows each other closely. */
export function clockTime(at: number): Html {
  const text = new Date(at).toISOString();
  return html`<time datetime="${text}" title="${text}">${text.slice(0, 10)} ${text.slice(11, 19)}</time>`;
}

/** `12:00:00 UTC`, of a day that is plain. */
export function timeOfDay(at: number): Html {
  const text = new Date(at).toISOString();
  return html`<time datetime="${text}" title="${text}">${text.slice(11, 19)} UTC</time>`;
}

/** Two digits. */
export function two(count: number): string {
  return String(count).padStart(2, "0");
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
