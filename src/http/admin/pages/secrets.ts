/** What the store holds of a key: fingerprints and times. */
import type { SecretView } from "../../../overview/key-view.ts";
import type { KeyOverview } from "../../../overview/overview.ts";
import { html, type Html } from "./html.ts";
import { oldSecret, print } from "./key-parts.ts";
import { duration, instant, moment } from "./times.ts";

export function secretTable(key: KeyOverview, now: number): Html {
  const { view, standby } = key;
  const { active, old, pending } = view;
  return html`<dl class="slots">
    <div>
      <dt>Active</dt>
      <dd>${active ? secret(active, now) : "none"}</dd>
    </div>
    ${
      old &&
      html`<div>
        <dt>${view.state === "rolled-back" ? "Newer" : "Old"}</dt>
        <dd>
          ${secret(old, now)}
          <p class="${view.state === "in-grace" && "grace"}">${oldSecret(key, now)}</p>
        </dd>
      </div>`
    }
    ${
      pending &&
      html`<div>
        <dt>Staged</dt>
        <dd>
          ${secret(pending, now)}
          <p>
            Not used yet. Its first use activates
            it${pending.graceSeconds !== null && `; the present one then lives on for ${duration(pending.graceSeconds * 1000)}`}.
          </p>
        </dd>
      </div>`
    }
    <div>
      <dt>Standby</dt>
      <dd>
        ${
          standby.secret
            ? html`${secret(standby.secret, now)}
                <p>${standby.fault === null ? "Nothing wrong with it is known." : `It ${standby.fault}.`}</p>`
            : html`None. If this key is exposed or expires, everything waits for you.`
        }
        <p class="also">in ${standby.location}</p>
      </dd>
    </div>
  </dl>`;
}

function secret({ fingerprint, issuedAt, rotationId }: SecretView, now: number): Html {
  const issued = instant(issuedAt);
  return html`${print(fingerprint)}
    <p class="also">
      ${issued === null ? "put there by a person; when is not known" : html`issued ${moment(issued, now)}`}${rotationId !== null && html` · <code>${rotationId}</code>`}
    </p>`;
}
