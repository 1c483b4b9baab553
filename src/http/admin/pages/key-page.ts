/** `/keys/{name}`: everything about one key, and what may be asked for it. */
import type { KeyOverview, Overview } from "../../../overview/overview.ts";
import type { AuditRecord } from "../../../rotation/audit-record.ts";
import { jobPage } from "../queues/dashboard.ts";
import { adviceOn } from "./advice.ts";
import { type Action, type FormDeps, forms, retryForm } from "./forms.ts";
import { consumersInFull } from "./consumers.ts";
import { currentJob, pastRecord } from "./history.ts";
import { html, type Html } from "./html.ts";
import { badge, incidentCard, keyPage, kindInWords, lifetime, runbookPage } from "./key-parts.ts";
import { faults } from "./keys-page.ts";
import { layOut } from "./layout.ts";
import { secretTable } from "./secrets.ts";
import { standingOf } from "./standing.ts";
import { moment } from "./times.ts";
import { terms } from "./terms.ts";

export type KeyPage = {
  readonly overview: Overview;
  readonly key: KeyOverview;
  /** Newest first; a text: why they cannot be read. */
  readonly records: readonly AuditRecord[] | string;
  /** null: the reader may look only. */
  readonly token: string | null;
  /** The job that the reader has just asked for. */
  readonly asked: {
    readonly jobId: string;
    readonly queue: string;
    readonly notes: readonly string[];
  } | null;
  /** What became of a form that led to no job. */
  readonly answer: Answer | null;
};

export type Answer = {
  readonly action: Action;
  readonly isRefusal: boolean;
  readonly says: readonly string[];
};

export function renderKey(page: KeyPage): string {
  const { overview, key, token, answer } = page;
  const { at: now } = overview;
  const { name } = key.view;
  const form: FormDeps | null = token === null ? null : { token, refused: answer?.action ?? null };
  return layOut({
    title: name,
    address: keyPage(name) + (page.asked ? askedQuery(page.asked) : ""),
    section: "keys",
    now,
    version: overview.version,
    hasForms: form !== null,
    content: html`
      ${heading(page)} ${answer && answered(answer)} ${page.asked && askedFor(page, page.asked)}
      ${incidents(key, now)} ${work(key, now, form)}
      <div class="columns">
        <section id="secrets" data-part>
          <h2>Secrets</h2>
          ${secretTable(key, now)}
        </section>
        <section id="consumers" data-part>
          <h2>Consumers</h2>
          ${consumersInFull(key, now)}
        </section>
      </div>
      ${form && forms(key, now, form)} ${history(page)} ${messages(key, now)} ${terms(key, now)}
    `,
  });
}

export function askedQuery({ jobId, queue }: { readonly jobId: string; readonly queue: string }): string {
  return `?asked=${encodeURIComponent(jobId)}&queue=${encodeURIComponent(queue)}`;
}

function heading({ overview, key }: KeyPage): Html {
  const standing = standingOf(key, overview.at);
  const { name, keyId, location, state, explanation } = key.view;
  return html`<section id="heading" class="heading ${standing.tone}" data-part>
    <p class="crumb"><a href="/">Keys</a> /</p>
    <h1>${name}</h1>
    <p class="state">${badge(standing)} <span class="says">${standing.says}</span></p>
    ${state === "store-unreachable" && html`<p class="fault">${explanation}</p>`}
    <p class="where">${keyId !== null && html`<code>${keyId}</code> in `}<span>${location}</span></p>
    ${faults(overview)} ${lifetime(key, overview.at)}
  </section>`;
}

function answered({ isRefusal, says }: Answer): Html {
  return html`<section id="answer" class="answer ${isRefusal ? "alarm" : "calm"}" role="alert" tabindex="-1">
    <h2>${isRefusal ? "Not done" : "Done already"}</h2>
    ${says.map((line) => html`<p>${line}</p>`)}
  </section>`;
}

/** A job that has ended is found among the records, unless there was nothing to do. */
function askedFor({ key, records }: KeyPage, { jobId, queue, notes }: NonNullable<KeyPage["asked"]>): Html {
  const job = key.jobs.find(({ work: { intent } }) => intent.id === jobId);
  const record = Array.isArray(records) && records.find(({ id }: AuditRecord) => id === jobId);
  const state = job
    ? WORDS[job.state]
    : record
      ? record.summary
      : "It is queued, or it has ended with nothing to do.";
  return html`<section id="asked" class="answer moving" data-part tabindex="-1">
    <h2>${record && !job ? "Done" : "Asked for"}</h2>
    <p>
      ${state} <a href="${jobPage(queue, jobId)}">Job <code>${jobId}</code></a>
    </p>
    ${notes.map((note) => html`<p>${note}</p>`)}
    <p class="foot">This page shows how it goes on.</p>
  </section>`;
}

const WORDS = {
  waiting: "It waits for its turn.",
  running: "It is at work now.",
  delayed: "It goes on by itself; its steps are below.",
  failed: "It failed; why is below.",
} as const;

function incidents({ incidents: open }: KeyOverview, now: number): Html {
  if (open.length === 0) return html`<section id="needs" data-part hidden></section>`;
  return html`<section id="needs" class="needs" data-part>
    <h2>Needs you</h2>
    ${open.map((incident) => incidentCard(incident, now, html`·`))}
  </section>`;
}

function work(key: KeyOverview, now: number, form: FormDeps | null): Html {
  return html`<section id="work" data-part>
    <h2>Now</h2>
    ${
      key.jobs.length === 0
        ? html`<p class="also">Nothing is being done about this key.</p>`
        : key.jobs.map((job) => {
            const retry = form && retryForm(key, job.work.intent.id, form);
            const advice = adviceOn(job, key);
            return currentJob(job, now, { consumers: key.consumers.length, advice, retry });
          })
    }
  </section>`;
}

function history({ overview, records }: KeyPage): Html {
  return html`<section id="history" data-part>
    <h2>History</h2>
    ${
      typeof records === "string"
        ? html`<p class="fault">${records}</p>`
        : records.length === 0
          ? html`<p class="also">Nothing that was done to this key is among the newest records.</p>`
          : records.map((record, index) => pastRecord(record, overview.at, index === 0))
    }
    <p class="foot"><a href="/api/rotations">All records</a> (JSON; CSV by <code>Accept: text/csv</code>)</p>
  </section>`;
}

function messages({ alerts }: KeyOverview, now: number): Html {
  if (alerts.length === 0) return html`<section id="messages" data-part hidden></section>`;
  return html`<section id="messages" data-part>
    <h2>What people were told</h2>
    <ul class="messages">
      ${alerts.map(
        ({ kind, severity, happened, action, raisedAt, incident }) =>
          html`<li>
            <p>
              <span class="badge ${incident?.state === "over" ? "calm" : TONES[severity]}"
                >${incident?.state === "over" ? "over" : severity}</span
              >
              ${moment(raisedAt, now)} <a href="${runbookPage(kind)}">${kindInWords(kind)}</a>
            </p>
            <p>${happened}</p>
            ${action !== null && html`<p class="also">To be done: ${action}</p>`}
          </li>`,
      )}
    </ul>
  </section>`;
}

const TONES = { critical: "alarm", warning: "warning", info: "moving" } as const;
