/** What every page has around its content. */
import { ASSETS } from "./assets.ts";
import { html, type Html } from "./html.ts";
import { timeOfDay } from "./times.ts";

export type Page = {
  readonly title: string;
  /** Where the page is read again from: its address, without what a form added. */
  readonly address: string;
  readonly section: "keys" | "runbook" | null;
  /** Epoch milliseconds: the clock that its times are counted from; null: it has none. */
  readonly now: number | null;
  /** What the page shows; another one whenever that has changed. null: it is not kept up to date. */
  readonly version: string | null;
  /** Somebody may be typing into it, so that it is not loaded again by itself where there is no JavaScript. */
  readonly hasForms: boolean;
  readonly content: Html;
};

const RELOAD_SECONDS = 30;

export function layOut(page: Page): string {
  const { title, address, now, version, content } = page;
  const isLive = version !== null;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Paddle key rotator</title>
        <link rel="icon" href="${ASSETS.icon.path}" type="image/svg+xml" />
        <link rel="stylesheet" href="${ASSETS.style.path}" />
        ${isLive && html`<script type="module" src="${ASSETS.script.path}"></script>`}
        ${isLive && !page.hasForms && RELOADING}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${header(page, isLive)}
        <main
          id="main"
          tabindex="-1"
          data-address="${address}"
          data-now="${now ?? ""}"
          data-version="${version ?? ""}"
        >
          ${content}
        </main>
        ${isLive && html`<p id="said" class="unseen" role="status"></p>`}
        <footer>
          <p>Times are UTC. Secrets are shown as fingerprints only.</p>
        </footer>
      </body>
    </html>`;
  return document.toString();
}

const RELOADING = html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}" /></noscript>`;

function header({ section, now }: Page, isLive: boolean): Html {
  return html`<header class="top">
    <a class="brand" href="/"
      ><img src="${ASSETS.icon.path}" alt="" width="28" height="28" /><span>Paddle key rotator</span></a
    >
    <nav aria-label="Main">
      <ul>
        <li>${link("/", "Keys", section === "keys")}</li>
        <li>${link("/queues", "Queues", false)}</li>
        <li>${link("/runbook", "Runbook", section === "runbook")}</li>
        <li>${link("/api/openapi.json", "API", false)}</li>
      </ul>
    </nav>
    ${
      isLive &&
      now !== null &&
      html`<p class="as-of" id="as-of"><span id="live" data-state="still">As of</span> ${timeOfDay(now)}</p>`
    }
  </header>`;
}

function link(to: string, text: string, isHere: boolean): Html {
  return html`<a href="${to}" ${isHere && html`aria-current="page"`}>${text}</a>`;
}
