/** A managed key in the list: in full, or in one line where there are many. */
import type { KeyOverview } from "../../../overview/overview.ts";
import { consumersInShort } from "./consumers.ts";
import { html, type Html } from "./html.ts";
import { badge, jobState, jobTitle, keyPage, lifetime, oldSecret, print, stages } from "./key-parts.ts";
import { lifeOf, slimBar } from "./life.ts";
import { isAtWork, type Standing } from "./standing.ts";
import { away, instant, shortly, utc } from "./times.ts";

export function keyCard(key: KeyOverview, standing: Standing, now: number): Html {
  const { view, standby } = key;
  const { name } = view;
  const job = key.jobs.find(isAtWork);
  return html`<li class="key ${standing.tone}">
    <header>
      <h3><a href="${keyPage(name)}">${name}</a></h3>
      ${badge(standing)} ${standing.tone !== "calm" && html`<p class="says">${standing.says}</p>`}
    </header>
    ${view.state === "store-unreachable" && html`<p class="fault">${view.explanation}</p>`}
    ${lifetime(key, now)}
    ${
      job &&
      html`<div class="job">
        <p><b>${jobTitle(job)}</b>, ${jobState(job, now)}</p>
        ${stages(job, now, key.consumers.length)}
      </div>`
    }
    <dl class="facts">
      <div>
        <dt>Active</dt>
        <dd>${view.active ? print(view.active.fingerprint) : "none"}</dd>
      </div>
      ${
        view.old &&
        html`<div>
          <dt>${view.state === "rolled-back" ? "Newer" : "Old"}</dt>
          <dd>${print(view.old.fingerprint)} <span class="also">${oldSecret(key, now)}</span></dd>
        </div>`
      }
      ${
        view.pending &&
        html`<div>
          <dt>Staged</dt>
          <dd>${print(view.pending.fingerprint)} <span class="also">not used yet</span></dd>
        </div>`
      }
      <div>
        <dt>Consumers</dt>
        <dd>${consumersInShort(key)}</dd>
      </div>
      <div>
        <dt>Standby</dt>
        <dd>
          ${
            standby.secret
              ? html`${print(standby.secret.fingerprint)}
                  <span class="also">${standby.fault ?? "nothing wrong is known"}</span>`
              : html`<span class="also">none: an exposed or expired key would wait for you</span>`
          }
        </dd>
      </div>
      <div>
        <dt>Last ${key.lastRotation?.kind ?? "rotation"}</dt>
        <dd>${lastChange(key, now)}</dd>
      </div>
    </dl>
  </li>`;
}

function lastChange({ lastRotation }: KeyOverview, now: number): Html {
  if (!lastRotation) return html`<span class="also">none on record</span>`;
  const at = Date.parse(lastRotation.endedAt);
  return html`${away(at, now)} <span class="also">${utc(at)}</span>`;
}

/** Some 400 bytes: two hundred of them are a page. */
export function keyLine(key: KeyOverview, standing: Standing, now: number): Html {
  const { view, due, paddle } = key;
  const life = lifeOf(key, now);
  const expiresAt = paddle?.expiresAt ?? null;
  const until = instant(view.old?.until);
  return html`<li class="${standing.tone}">
    <h3><a href="${keyPage(view.name)}">${view.name}</a></h3>
    <p>${standing.label}</p>
    ${life && slimBar(life)}
    <p>
      ${due ? html`next ${shortly(due.at, now)}` : "none planned"}
      ${expiresAt !== null && html`· expires ${shortly(expiresAt, now)}`}
      ${until !== null && until > now && html`· old dies ${shortly(until, now)}`}
    </p>
  </li>`;
}
