/** Parts that the list of keys and a key's own page share. */
import { runbookEntry } from "../../../alerts/runbook.ts";
import type { JobView } from "../../../core/job-view.ts";
import type { KeyOverview, OpenIncident } from "../../../overview/overview.ts";
import { html, type Html } from "./html.ts";
import { expiryInWords, lifeBar, lifeOf } from "./life.ts";
import type { Standing } from "./standing.ts";
import { away, instant, moment, ticking, utc } from "./times.ts";

export function keyPage(name: string): string {
  return `/keys/${encodeURIComponent(name)}`;
}

export function runbookPage(kind: string): string {
  return `/runbook#${encodeURIComponent(kind)}`;
}

export function badge({ tone, label }: Standing): Html {
  return html`<span class="badge ${tone}">${label}</span>`;
}

export function print(fingerprint: string): Html {
  return html`<code class="print">${fingerprint}</code>`;
}

/** The bar with its times below. */
export function lifetime(key: KeyOverview, now: number): Html {
  const life = lifeOf(key, now);
  const issuedAt = instant(key.view.active?.issuedAt);
  const expiresAt = key.paddle?.expiresAt ?? null;
  return html`<div class="lifetime">
    ${life && lifeBar(life)}
    <dl class="ends">
      <div class="from">
        <dt>Issued</dt>
        <dd>${issuedAt === null ? "not known" : moment(issuedAt, now)}</dd>
      </div>
      <div class="next">
        <dt>Next rotation</dt>
        <dd>${nextRotation(key, now)}</dd>
      </div>
      <div class="to">
        <dt>Expiry</dt>
        <dd>${expiresAt === null ? expiryInWords(key.paddle) : moment(expiresAt, now)}</dd>
      </div>
    </dl>
  </div>`;
}

function nextRotation({ due, view }: KeyOverview, now: number): Html {
  // By the age of the older secret it would be due at once.
  if (view.state === "rolled-back") return html`after the rollback`;
  if (!due) return html`none planned`;
  if (due.at <= now) return html`due since ${utc(due.at)}`;
  return moment(due.at, now);
}

/** What lives beside the active secret and for how long; nothing where nothing does. */
export function oldSecret({ view: { old, state } }: KeyOverview, now: number): Html | null {
  if (!old) return null;
  const until = instant(old.until);
  const isOver = until !== null && until <= now;
  if (state === "rolled-back")
    return html`${until === null ? "The older secret dies at a time that is not known" : html`The older one dies in ${ticking(until, now)}`}`;
  if (until === null) return html`until when it works is not known`;
  if (isOver) return html`its grace ended ${away(until, now)}; Paddle is asked until it refuses it`;
  return html`works for another ${ticking(until, now)}`;
}

const STAGES = [
  ["Issued", ["staged"]],
  ["In use", ["promoted"]],
  ["Switched over", ["switchedOver"]],
  ["Old one dead", ["retired", "oldDied", "formerDied"]],
] as const;

/** How far a job is, in the steps that a person cares about. */
export function stages({ facts, work }: JobView, now: number, consumers: number): Html | null {
  if (work.job === "inspect") return null;
  const steps = STAGES.filter(([label]) => label !== "Switched over" || consumers > 0);
  return html`<ol class="stages">
    ${steps.map(([label, names]) => {
      const fact = names.map((name) => facts[name]).find((found) => found !== undefined);
      return fact
        ? html`<li class="done"><b>${label}</b> <span>${away(Date.parse(fact.at), now)}</span></li>`
        : html`<li><b>${label}</b> <span>not yet</span></li>`;
    })}
  </ol>`;
}

const JOB_WORDS = {
  rotate: "Rotation",
  "revoke-first": "Revoke-first rotation",
  replace: "Replacement",
  inspect: "Inspection",
} as const;

const INTENT_WORDS = {
  expiring: "the key expires",
  scheduled: "its policy says so",
  manual: "a person asked",
  exposed: "the secret was found in public",
  expired: "the key has expired",
  revoked: "the key was revoked",
  "foreign-rotation": "somebody else rotated",
  resume: "it was found without a job",
} as const;

export function jobTitle({ work }: JobView): string {
  return `${JOB_WORDS[work.job]}: ${INTENT_WORDS[work.intent.kind]}`;
}

export function jobState({ state, nextAt }: JobView, now: number): Html {
  if (state === "failed") return html`failed; it waits for a person`;
  if (state === "running") return html`at work now`;
  if (nextAt === null) return html`waiting for its turn`;
  return nextAt <= now ? html`goes on any moment` : html`goes on by itself ${away(nextAt, now)}`;
}

/** As the runbook calls it. */
export function kindInWords(kind: string): string {
  return runbookEntry(kind)?.title ?? kind.replaceAll("-", " ");
}

/** What is open, since when, and what to do. */
export function incidentCard({ alert, since }: OpenIncident, now: number, where: Html | null = null): Html {
  const tone = alert.severity === "critical" ? "alarm" : alert.severity === "warning" ? "warning" : "moving";
  return html`<article class="need ${tone}">
    <h3><span class="badge ${tone}">${alert.severity}</span> ${kindInWords(alert.kind)}</h3>
    <p>${alert.happened}</p>
    ${alert.action !== null && html`<p class="todo"><b>Do this:</b> ${alert.action}</p>`}
    <p class="foot">
      Since ${moment(since, now)} ${where} <a href="${runbookPage(alert.kind)}">What this means</a>
    </p>
  </article>`;
}
