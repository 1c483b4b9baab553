/** `/`: which keys are safe, what is happening, and what needs a person, in this order of urgency. */
import type { KeyOverview, Overview } from "../../../overview/overview.ts";
import { jobPage } from "../queues/dashboard.ts";
import { adviceOn } from "./advice.ts";
import { html, type Html } from "./html.ts";
import { keyCard, keyLine } from "./key-card.ts";
import { incidentCard, jobTitle, keyPage, runbookPage } from "./key-parts.ts";
import { layOut } from "./layout.ts";
import { byUrgency, headline, type Standing, standingOf } from "./standing.ts";
import { away } from "./times.ts";

/** So many keys are shown in full: all of them, or those that are not calm. */
const IN_FULL = 10;
const NEEDS_SHOWN = 30;

export function renderKeys(overview: Overview): string {
  return layOut({
    title: headline(overview).says.replace(/\.$/, ""),
    address: "/",
    section: "keys",
    now: overview.at,
    version: overview.version,
    hasForms: false,
    content: html`${summary(overview)}${needs(overview)}${keyList(overview)}`,
  });
}

function summary(overview: Overview): Html {
  const { tone, says } = headline(overview);
  return html`<section id="summary" class="summary ${tone}" data-part>
    <h1>${says}</h1>
    <p>${next(overview)}</p>
    ${faults(overview)}
  </section>`;
}

function next({ keys, at }: Overview): Html {
  const coming = keys
    .flatMap(({ view, due }) => (due && due.at > at ? { name: view.name, at: due.at } : []))
    .toSorted((a, b) => a.at - b.at)[0];
  return coming
    ? html`Next rotation: <a href="${keyPage(coming.name)}">${coming.name}</a> ${away(coming.at, at)}.`
    : html`No rotation is planned.`;
}

export function faults({ faults: said }: Pick<Overview, "faults">): Html | null {
  if (said.length === 0) return null;
  return html`<div class="fault">
    <p><b>Not everything could be read; what you see may be old.</b></p>
    <ul>
      ${said.map((fault) => html`<li>${fault}</li>`)}
    </ul>
  </div>`;
}

function needs({ keys, incidents, at }: Overview): Html {
  const cards = [
    ...keys.flatMap((key) => failedJobs(key, at)),
    ...keys
      .flatMap((key) => key.incidents.map((incident) => ({ incident, name: key.view.name })))
      .map(({ incident, name }) => ({
        severity: incident.alert.severity,
        card: incidentCard(incident, at, html`· <a href="${keyPage(name)}">${name}</a> ·`),
      })),
    ...incidents.map((incident) => ({
      severity: incident.alert.severity,
      card: incidentCard(incident, at, html`·`),
    })),
  ].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  if (cards.length === 0) return html`<section id="needs" data-part hidden></section>`;
  return html`<section id="needs" class="needs" data-part>
    <h2>Needs you</h2>
    ${cards.slice(0, NEEDS_SHOWN).map(({ card }) => card)}
    ${
      cards.length > NEEDS_SHOWN &&
      html`<p>And ${cards.length - NEEDS_SHOWN} more: see the keys below, each has its own page.</p>`
    }
  </section>`;
}

const SEVERITIES = ["critical", "warning", "info"];

function failedJobs(key: KeyOverview, now: number) {
  const { name } = key.view;
  return key.jobs
    .filter(({ state }) => state === "failed")
    .map((job) => ({
      severity: "critical" as const,
      card: html`<article class="need alarm">
        <h3><span class="badge alarm">failed</span> ${jobTitle(job)}</h3>
        <p>${job.failure ?? "It does not say why."}</p>
        <p class="todo">
          <b>Do this:</b>
          ${
            adviceOn(job, key) ??
            html`mend what it names, then try the job again on
              <a href="${keyPage(name)}#work">the key's page</a>.`
          }
        </p>
        <p class="foot">
          Asked for ${away(job.work.intent.requestedAt, now)} · <a href="${keyPage(name)}">${name}</a> ·
          <a href="${jobPage(job.queue, job.work.intent.id)}">Job</a> ·
          <a href="${runbookPage("state-job-failed")}">What this means</a>
        </p>
      </article>`,
    }));
}

type Ranked = { readonly key: KeyOverview; readonly standing: Standing };

function keyList({ keys, at }: Overview): Html {
  if (keys.length === 0) return EMPTY;
  const all: Ranked[] = keys.map((key) => ({ key, standing: standingOf(key, at) }));
  const sorted = all.toSorted((a, b) => byUrgency(a.standing, b.standing));
  const inFull = sorted.length <= IN_FULL ? sorted : sorted.filter(isNotCalm).slice(0, IN_FULL);
  const lines = sorted.filter((each) => !inFull.includes(each));
  return html`<section id="keys" data-part>
    <h2>Keys <span class="count">${keys.length}</span></h2>
    ${
      inFull.length > 0 &&
      html`<ul class="cards">
        ${inFull.map(({ key, standing }) => keyCard(key, standing, at))}
      </ul>`
    }
    ${
      lines.length > 0 &&
      html`<ul class="lines">
        ${lines.map(({ key, standing }) => keyLine(key, standing, at))}
      </ul>`
    }
  </section>`;
}

function isNotCalm({ standing }: Ranked): boolean {
  return standing.tone !== "calm";
}

const EMPTY = html`<section id="keys" data-part>
  <h2>Keys</h2>
  <p>
    Name the first one under <code>keys:</code> in <code>rotator.yaml</code> and start the rotator again.
    <code>npm run rotator -- check</code> then says whether it can be rotated.
  </p>
</section>`;
