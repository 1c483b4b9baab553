/** The life of the active secret as a bar: when it was issued, now, when it is rotated, when its key expires. Pure. */
import type { KeyOverview } from "../../../overview/overview.ts";
import { html, type Html } from "./html.ts";
import { instant } from "./times.ts";

/** Places along the bar in percent, 0 to 100. */
export type Life = {
  readonly now: number;
  /** null: not on this bar. */
  readonly due: number | null;
  readonly expiry: number | null;
};

/** Where it is not known when the secret was issued, now lies here. */
const NOW_WITHOUT_ISSUE = 15;

/** null: nothing is known that a bar could end with. */
export function lifeOf({ view, paddle, due: planned }: KeyOverview, now: number): Life | null {
  // By the age of the older secret, the next rotation would be due at once.
  const due = view.state === "rolled-back" ? null : planned;
  const issuedAt = instant(view.active?.issuedAt);
  const expiresAt = paddle?.expiresAt ?? null;
  const end = Math.max(expiresAt ?? -Infinity, due?.at ?? -Infinity, now);
  if (expiresAt === null && !due) return null;
  const begin = issuedAt ?? now - ((end - now) * NOW_WITHOUT_ISSUE) / (100 - NOW_WITHOUT_ISSUE);
  const place = (at: number) => percent((at - begin) / Math.max(end - begin, 1));
  return {
    now: place(now),
    due: due && place(due.at),
    expiry: expiresAt === null ? null : place(expiresAt),
  };
}

export function expiryInWords(paddle: KeyOverview["paddle"]): string {
  return paddle ? "never expires" : "Paddle was not asked yet when it expires";
}

/** For the eye only: words beside it must say the same. */
export function lifeBar({ now, due, expiry }: Life): Html {
  return html`<svg class="life" aria-hidden="true">
    <rect class="track" width="100%" />
    ${due !== null && due < 100 && html`<rect class="late" x="${due}%" width="${percent(1 - due / 100)}%" />`}
    <rect class="spent" width="${now}%" />
    ${due !== null && html`<rect class="due" x="${due}%" />`}
    ${expiry !== null && html`<rect class="end" x="${expiry}%" />`}
    <circle class="now" cx="${now}%" />
  </svg>`;
}

/** The same in fewer bytes, where there are many: it begins with the issue and mostly ends with the expiry. */
export function slimBar({ now, due }: Life): Html {
  return html`<svg class="life" aria-hidden="true">
    <rect class="spent" width="${now}%" />
    ${due !== null && html`<rect class="due" x="${due}%" />`}
    <circle class="now" cx="${now}%" />
  </svg>`;
}

/** One decimal is finer than a pixel. */
function percent(part: number): number {
  return Math.round(Math.min(Math.max(part, 0), 1) * 1000) / 10;
}
