/** By which terms a key is kept: its policies in sentences. */
import type { KeyOverview } from "../../../overview/overview.ts";
import { graceInWords } from "./form-bodies.ts";
import { capital } from "./history.ts";
import { html, type Html } from "./html.ts";
import { away, duration, two } from "./times.ts";

export function terms({ policy, checks, due, paddle, consumers }: KeyOverview, now: number): Html {
  const { everyMs, renewBeforeMs, lifetimeMs, graceSeconds, window, overlapMs, onExposure } = policy;
  return html`<section id="terms" data-part>
    <h2>How it is kept</h2>
    <ul class="terms">
      <li>
        ${everyMs === null ? "Rotated only before it expires" : `Rotated every ${duration(everyMs)}`}, at the
        latest ${duration(renewBeforeMs)} before its
        expiry${lifetimeMs !== null && `; then it lives ${duration(lifetimeMs)}`}.
      </li>
      ${due && html`<li>Due next because of its ${due.because}${due.forced && ", outside its window, because none opens in time"}.</li>`}
      ${window && html`<li>Only on ${window.days.join(", ")}, from ${hour(window.from)} to ${hour(window.to)} (${window.timeZone}).</li>`}
      <li>
        Grace of the old secret: ${graceSeconds === 0 ? "none" : graceInWords(graceSeconds)}. Overlap of a
        replaced key: ${overlapMs === 0 ? "none" : duration(overlapMs)}.
      </li>
      <li>
        ${onExposure === "revoke-first" ? "When it is exposed, the leaked secret dies first." : "When it is exposed, the leaked secret lives on for the grace."}
      </li>
      <li>${capital(count(consumers.length, "consumer"))}, ${count(checks, "check")} after a rotation.</li>
      ${paddle && html`<li>Paddle last said that it is ${paddle.status}${paddle.rotatable ? "" : " and cannot be rotated"}: ${away(paddle.at, now)}.</li>`}
    </ul>
  </section>`;
}

function hour(minutes: number): string {
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function count(number: number, what: string): string {
  if (number === 0) return `no ${what}s`;
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
