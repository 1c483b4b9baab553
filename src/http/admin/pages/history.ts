/** What was done to a key: the work of now and the audit records, each with its steps and their times. */
import type { JobView } from "../../../core/job-view.ts";
import type { AuditRecord } from "../../../rotation/audit-record.ts";
import { jobPage } from "../queues/dashboard.ts";
import { html, type Html } from "./html.ts";
import { jobState, jobTitle, print, stages } from "./key-parts.ts";
import { away, clockTime, duration, moment } from "./times.ts";

type Step = AuditRecord["steps"][number];

type Around = {
  readonly consumers: number;
  /** What people were told to do because of it; null: nothing. */
  readonly advice: string | null;
  /** The form that tries a failed job again; null: the reader may not. */
  readonly retry: Html | null;
};

export function currentJob(job: JobView, now: number, { consumers, advice, retry }: Around): Html {
  const { id } = job.work.intent;
  return html`<article class="job ${job.state === "failed" && "alarm"}">
    <header>
      <h3>${jobTitle(job)}</h3>
      <p>${jobState(job, now)} · asked for ${away(job.work.intent.requestedAt, now)}</p>
    </header>
    ${stages(job, now, consumers)}
    ${job.failure !== null && html`<p class="fault">${job.state === "failed" ? "" : "Failed last time, and goes on: "}${job.failure}</p>`}
    ${advice !== null && html`<p class="todo"><b>Do this:</b> ${advice}</p>`} ${steps(stepsOf(job))}
    ${job.state === "failed" && retry}
    <p class="foot">
      <a href="${jobPage(job.queue, id)}">Job <code>${id}</code></a>
      ${job.attempts > 0 && html` · begun ${job.attempts} times without an end`}
    </p>
  </article>`;
}

function stepsOf({ facts }: JobView): Step[] {
  return Object.entries(facts)
    .map(([fact, { at, says, fingerprint }]) => ({ fact, at, says, fingerprint }))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export function pastRecord(record: AuditRecord, now: number, isOpen: boolean): Html {
  const { id, kind, outcome, summary, exposureClock } = record;
  const isDone = outcome === "done";
  return html`<details id="record-${id}" class="record" ${isOpen && "open"}>
    <summary>
      <span class="badge ${isDone ? "calm" : "alarm"}">${isDone ? "done" : "needs a person"}</span>
      <b>${capital(kind)}</b>
      <span class="also">${record.intent.replaceAll("-", " ")}</span>
      ${moment(Date.parse(record.endedAt), now)}
    </summary>
    <p>${summary}</p>
    ${exposureClock && clock(exposureClock)} ${steps(record.steps)} ${lives(record.secrets)}
    <p class="foot">
      ${record.eventId !== null ? html`Event <code>${record.eventId}</code>` : "No event: a person or the rotator asked"}
      · record <code>${id}</code>
    </p>
  </details>`;
}

/** Every step with its time, and how long after the one before. */
function steps(all: readonly Step[]): Html | null {
  if (all.length === 0) return null;
  return html`<ol class="steps">
    ${all.map(({ fact, at, says }, index) => {
      const before = all[index - 1];
      const later = before && Date.parse(at) - Date.parse(before.at);
      return html`<li>
        ${clockTime(Date.parse(at))}
        <span class="later">${later !== undefined && later >= 1000 && `+${duration(later)}`}</span>
        <p>${says} <code class="fact">${fact}</code></p>
      </li>`;
    })}
  </ol>`;
}

const CLOCK = [
  ["Occurred", "occurredAt"],
  ["Received", "receivedAt"],
  ["Secret dead", "secretDeadAt"],
  ["Store updated", "storeUpdatedAt"],
  ["Consumers safe", "consumersSafeAt"],
] as const;

/** From the leak to the last safe consumer. */
function clock(exposure: NonNullable<AuditRecord["exposureClock"]>): Html {
  const begin = Date.parse(exposure.occurredAt);
  return html`<section class="clock">
    <h4>Exposure clock</h4>
    <ol>
      ${CLOCK.map(([label, field]) => {
        const at = exposure[field];
        return html`<li class="${at !== null && "done"}">
          <b>${label}</b>
          ${
            at === null
              ? html`<span>not seen</span>`
              : html`<span>${field === "occurredAt" ? "0 s" : `+${duration(Date.parse(at) - begin)}`}</span>
                  ${clockTime(Date.parse(at))}`
          }
        </li>`;
      })}
    </ol>
  </section>`;
}

function lives(secrets: AuditRecord["secrets"]): Html | null {
  if (secrets.length === 0) return null;
  return html`<ul class="lives">
    ${secrets.map(
      ({ fingerprint, endedAt, livedSeconds }) =>
        html`<li>
          ${print(fingerprint)}
          ${endedAt === null ? "was alive at the end" : html`seen dead ${clockTime(Date.parse(endedAt))}`}${livedSeconds !== null && `, lived ${duration(livedSeconds * 1000)}`}
        </li>`,
    )}
  </ul>`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
