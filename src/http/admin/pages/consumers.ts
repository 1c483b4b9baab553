/** How far the applications are that use a key's secret. */
import type { SwitchOverView } from "../../../overview/key-view.ts";
import type { KeyOverview } from "../../../overview/overview.ts";
import { duration, instant, moment } from "./times.ts";
import { html, type Html } from "./html.ts";

type Seen = SwitchOverView["consumers"][number];
type State = Seen["state"] | "not-told";

const WORDS: Readonly<Record<State, string>> = {
  proved: "switched over, proved",
  "under-way": "switching over",
  unprovable: "told; it cannot show what it uses",
  unknown: "told; not seen yet",
  "not-told": "not told of this secret, as far as is known",
};

/** Most of the names, so that a line stays a line. */
const NAMES_SHOWN = 6;

export function consumersInShort(key: KeyOverview): Html {
  const all = consumersOf(key);
  if (all.length === 0) return html`<span class="also">none configured</span>`;
  if (!key.switchOver) {
    const names = all.slice(0, NAMES_SHOWN).map(({ name }) => name);
    const more = all.length > NAMES_SHOWN ? ` and ${all.length - NAMES_SHOWN} more` : "";
    return html`${names.join(", ")}${more}`;
  }
  const proved = all.filter(({ state }) => state === "proved").length;
  const behind = all
    .filter(({ state }) => state !== "proved")
    .map(({ name, state }) => `${name}: ${WORDS[state]}`);
  return html`<span class="dots" aria-hidden="true"
      >${all.slice(0, 24).map(({ state }) => html`<i class="${state}"></i>`)}</span
    >
    ${proved} of ${all.length} switched over
    ${behind.length > 0 && html`<span class="also">${behind.slice(0, NAMES_SHOWN).join("; ")}</span>`}`;
}

export function consumersInFull(key: KeyOverview, now: number): Html {
  const all = consumersOf(key);
  if (all.length === 0)
    return html`<p class="also">
      No consumer is configured: nobody is told of a new secret, and nobody proves that it is in use.
    </p>`;
  const startedAt = instant(key.switchOver?.startedAt);
  return html`${startedAt !== null && html`<p class="told also">Told of the active secret ${moment(startedAt, now)}.</p>`}
    <ul class="consumers">
      ${all.map(consumer)}
    </ul>`;
}

function consumer({ name, state, says, instances, terms }: Consumer): Html {
  const lagging = instances.filter((instance) => instance.state === "lagging");
  const switched = instances.length - lagging.length;
  return html`<li class="${state}">
    <h3>${name}</h3>
    <p><b>${WORDS[state]}</b>${says !== null && html`: ${says}`}</p>
    ${
      instances.length > 0 &&
      html`<p>
        <span class="dots" aria-hidden="true"
          >${instances.slice(0, 60).map((instance) => html`<i class="${instance.state}"></i>`)}</span
        >
        ${switched} of ${instances.length} instances
      </p>`
    }
    ${
      lagging.length > 0 &&
      html`<ul class="laggards">
        ${lagging.map(({ id, says: why }) => html`<li><code>${id}</code> still on another secret${why !== null && `: ${why}`}</li>`)}
      </ul>`
    }
    ${terms && html`<p class="also">may take ${duration(terms.refreshMs + terms.timeoutMs)} at most</p>`}
  </li>`;
}

type Consumer = {
  readonly name: string;
  readonly instances: readonly Seen["instances"][number][];
  readonly state: State;
  readonly says: string | null;
  readonly terms: KeyOverview["consumers"][number];
};

function consumersOf({ consumers, switchOver }: KeyOverview): readonly Consumer[] {
  const seen = new Map(switchOver?.consumers.map((each) => [each.name, each]));
  return consumers.map((terms) => {
    const { state, says, instances } = seen.get(terms.name) ?? NOT_TOLD;
    return { name: terms.name, state, says, instances, terms };
  });
}

const NOT_TOLD = { state: "not-told", says: null, instances: [] } as const;
