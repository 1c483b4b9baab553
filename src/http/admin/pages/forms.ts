/** What may be asked for on a key's page, as plain HTML forms. A secret that was typed into one never comes back. */
import { GRACES, graceInWords } from "./form-bodies.ts";
import type { KeyOverview } from "../../../overview/overview.ts";
import { html, type Html } from "./html.ts";
import { keyPage } from "./key-parts.ts";
import { duration, instant, ticking } from "./times.ts";

/** The form that was refused stays open. */
export type Action = "rotate" | "revoke-first" | "roll-back" | "replace" | "retry";

export type FormDeps = { readonly token: string; readonly refused: Action | null };

export function forms(key: KeyOverview, now: number, deps: FormDeps): Html {
  return html`<section id="act" class="act" data-part data-keep>
    <h2>Act</h2>
    ${rotate(key, deps)} ${replace(key, deps)} ${rollBack(key, now, deps)} ${revokeFirst(key, deps)}
  </section>`;
}

export function retryForm({ view }: KeyOverview, jobId: string, deps: FormDeps): Html {
  return html`<form method="post" action="${keyPage(view.name)}/retry">
    ${hidden(deps)}<input type="hidden" name="job" value="${jobId}" />
    <button>Try this job again</button>
  </form>`;
}

function rotate({ view, policy, consumers }: KeyOverview, deps: FormDeps): Html {
  const chosen = GRACES.find(([seconds]) => seconds === policy.graceSeconds)?.[0] ?? 86_400;
  const slowest = Math.max(0, ...consumers.map(({ refreshMs, timeoutMs }) => refreshMs + timeoutMs));
  return action(
    "rotate",
    "Rotate now",
    deps.refused === "rotate",
    html` <p>
        Paddle makes a new secret of this key. It is saved, proved and handed to consumers while the old one
        still works.
      </p>
      <form method="post" action="${keyPage(view.name)}/rotate">
        ${hidden(deps)}
        <fieldset>
          <legend>The old secret lives on for</legend>
          <div class="choices">
            ${GRACES.map(
              ([seconds, words]) =>
                html`<label
                  ><input
                    type="radio"
                    name="grace"
                    value="${seconds}"
                    ${seconds === chosen && "checked"}
                  /><span>${words}</span></label
                >`,
            )}
          </div>
        </fieldset>
        <p class="also">
          ${slowest > 0 && `Its slowest consumer may take ${duration(slowest)} to switch over. `}With 0,
          applications fail until they read the new secret. Configured: ${graceInWords(policy.graceSeconds)}.
        </p>
        <button class="main">Rotate ${view.name}</button>
      </form>`,
  );
}

function replace({ view }: KeyOverview, deps: FormDeps): Html {
  return action(
    "replace",
    "Supply another key",
    deps.refused === "replace",
    html` <p>
        For a key that cannot rotate itself: expired, revoked, exposed or legacy. Create a rotatable key with
        the same permissions in Paddle &gt; Developer tools &gt; Authentication. It is checked before it takes
        the place of this one.
      </p>
      <form method="post" action="${keyPage(view.name)}/replace" autocomplete="off">
        ${hidden(deps)}
        <label class="field"
          ><span>The new key</span>
          <input
            id="new-key"
            type="password"
            name="key"
            required
            maxlength="500"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            placeholder="pdl_…"
            aria-describedby="new-key-hint"
        /></label>
        <p id="new-key-hint" class="also">
          It goes straight to the store, and no page, log or job ever shows it.
        </p>
        <label class="check"
          ><input type="checkbox" name="force" value="yes" /><span
            >Take it even if it lacks permissions that this key has</span
          ></label
        >
        <button>Check it and switch</button>
      </form>`,
  );
}

function rollBack({ view }: KeyOverview, now: number, deps: FormDeps): Html {
  const until = instant(view.old?.until);
  const isPossible = view.state === "in-grace";
  return action(
    "roll-back",
    "Roll back",
    deps.refused === "roll-back",
    isPossible
      ? html` <p>
            Applications get the former secret back for a while.
            ${until !== null && html`It dies in ${ticking(until, now)}; shortly before that they get the newer one again.`}
          </p>
          <form method="post" action="${keyPage(view.name)}/roll-back">
            ${hidden(deps)}<button>Roll ${view.name} back</button>
          </form>`
      : html`<p>
          ${
            view.state === "rolled-back"
              ? "It is rolled back: the newer secret comes back by itself before the older one dies."
              : "There is nothing to go back to: no former secret of this key still works."
          }
        </p>`,
  );
}

function revokeFirst({ view: { name } }: KeyOverview, deps: FormDeps): Html {
  return action(
    "revoke-first",
    "Revoke first",
    deps.refused === "revoke-first",
    html` <p>
        For a leak that Paddle has not found. <b>The secret in use dies first</b>, and then applications get
        the new one: they fail in between.
      </p>
      <form method="post" action="${keyPage(name)}/revoke-first" autocomplete="off">
        ${hidden(deps)}
        <label class="field"
          ><span>Type <code>${name}</code> to confirm</span>
          <input
            id="confirm"
            name="confirm"
            required
            maxlength="100"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
        /></label>
        <button class="danger">Kill the secret in use</button>
      </form>`,
  );
}

function action(id: Action, title: string, isOpen: boolean, content: Html): Html {
  return html`<details id="act-${id}" ${isOpen && "open"}>
    <summary>${title}</summary>
    <div>${content}</div>
  </details>`;
}

function hidden({ token }: FormDeps): Html {
  return html`<input type="hidden" name="token" value="${token}" />`;
}
