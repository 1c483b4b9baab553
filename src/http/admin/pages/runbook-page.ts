/** `/runbook`: each alert and each stuck state: what it means, what to do, what ends it. Alerts link to its anchors. */
import { CALL, CALLS_ELSEWHERE, CALLS_SAY } from "../../../alerts/runbook/calls.ts";
import { RUNBOOK, type RunbookEntry, type Step } from "../../../alerts/runbook.ts";
import { html, type Html } from "./html.ts";
import { layOut } from "./layout.ts";

export function renderRunbook(): string {
  const sections = Map.groupBy(RUNBOOK, ({ section }) => section);
  return layOut({
    title: "Runbook",
    address: "/runbook",
    section: "runbook",
    now: null,
    version: null,
    hasForms: false,
    content: html`<section class="summary">
        <h1>Runbook</h1>
        <p>What each alert and each state means, and the next thing to do.</p>
      </section>
      <nav class="contents" aria-label="Runbook">
        <ul>
          <li><a href="#commands">Commands</a></li>
          ${[...sections.keys()].map((title) => html`<li><a href="#${anchor(title)}">${title}</a></li>`)}
        </ul>
      </nav>
      <section class="chapter" id="commands">
        <h2>Commands</h2>
        <article class="matter">
          <p>${marked(CALLS_SAY)}</p>
          ${CALLS_ELSEWHERE.map(
            ({ where, call }) => html`<p>${marked(where)} <code class="command">${call}</code></p>`,
          )}
        </article>
      </section>
      ${[...sections].map(
        ([title, entries]) =>
          html`<section class="chapter" id="${anchor(title)}">
            <h2>${title}</h2>
            ${entries.map(matter)}
          </section>`,
      )}`,
  });
}

function matter({ kind, title, severities, meaning, actions, endsWhen }: RunbookEntry): Html {
  return html`<article class="matter" id="${kind}">
    <h3><a href="#${kind}">${title}</a></h3>
    <p class="kind">
      <code>${kind}</code>
      ${severities.map((severity) => html` <span class="badge ${TONES[severity]}">${severity}</span>`)}
    </p>
    <p>${marked(meaning)}</p>
    ${
      actions.length > 0 &&
      html`<ol class="todo">
        ${actions.map(step)}
      </ol>`
    }
    ${
      // Alerts lead here, past the section that says it.
      actions.some(({ command }) => command?.startsWith(CALL)) &&
      html`<p class="ends"><a href="#commands">Commands in a container or under systemd</a></p>`
    }
    <p class="ends"><b>It ends:</b> ${marked(endsWhen)}</p>
  </article>`;
}

function step({ does, command, page }: Step): Html {
  return html`<li>
    ${marked(does)} ${page !== undefined && html`<span class="page">${pageLink(page)}</span>`}
    ${command !== undefined && html`<code class="command">${command}</code>`}
  </li>`;
}

/** A page of one key is reached from the list of keys. */
function pageLink(page: string): Html {
  return page.includes("<name>") ? html`<a href="/">${page}</a>` : html`<a href="${page}">${page}</a>`;
}

/** Backticks mark names and fields. */
function marked(text: string): Html {
  return html`${text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

const TONES = { critical: "alarm", warning: "warning", info: "moving" } as const;
