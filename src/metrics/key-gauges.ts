/** What the overview says of every key, as gauges. Of names, states and times there is a series; of ids there is none. */
import type { Alert } from "../core/alert.ts";
import type { JobView } from "../core/job-view.ts";
import type { KeyState } from "../overview/key-view.ts";
import type { KeyOverview, OpenIncident, Overview } from "../overview/overview.ts";
import { consumerGauges } from "./consumer-gauges.ts";
import { type KeyPart, toSeconds } from "./key-part.ts";
import type { Meter } from "./meter.ts";

const STATES = Object.keys({
  steady: 0,
  pending: 0,
  "in-grace": 0,
  retiring: 0,
  "rolled-back": 0,
  "legacy-key": 0,
  "no-active-secret": 0,
  "store-unreachable": 0,
} satisfies Record<KeyState, 0>);

const JOB_STATES: readonly JobView["state"][] = ["waiting", "running", "delayed", "failed"];

/** The `key` of what concerns no managed key. */
const NO_KEY = "";

/** null: there is no overview now; the gauges stay as they were. */
export type KeyGauges = { readonly show: (overview: Overview | null) => void };

export function keyGauges(meter: Meter): KeyGauges {
  const faults = meter.gauge({
    name: "overview_faults",
    help: "What could not be read for this scrape; the metrics about it are as they were.",
  });
  const parts = [stateGauges(meter), timeGauges(meter), workGauges(meter), consumerGauges(meter)];
  const troubles = troubleGauges(meter);
  return {
    show: (overview) => {
      faults.set(overview?.faults.length ?? 1);
      if (!overview) return;
      for (const part of parts) {
        part.reset();
        for (const key of overview.keys) part.show(key);
      }
      troubles(overview);
    },
  };
}

function stateGauges(meter: Meter): KeyPart {
  const states = meter.gauge({
    name: "key_state",
    help: "1 for the state that the key is in, 0 for all others.",
    labels: ["key", "state"],
  });
  const standby = meter.gauge({
    name: "standby_ok",
    help: "1: the key's standby is fit to take its place; 0: it is not; not there where no standby lies ready.",
    labels: ["key"],
  });
  return {
    reset: () => {
      states.reset();
      standby.reset();
    },
    show: ({ view, standby: { secret, fault } }) => {
      for (const state of STATES) states.set({ key: view.name, state }, state === view.state ? 1 : 0);
      if (secret) standby.set({ key: view.name }, fault === null ? 1 : 0);
    },
  };
}

/** The times of a key by the names of their metrics; null: not known, or never. */
const TIMES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: (key: KeyOverview) => number | string | null | undefined;
}[] = [
  {
    name: "key_expires_timestamp_seconds",
    help: "When the key expires at Paddle; not there if it never does or Paddle was not asked yet.",
    of: ({ paddle }) => paddle?.expiresAt,
  },
  {
    name: "key_seen_timestamp_seconds",
    help: "When Paddle last said something about the key.",
    of: ({ paddle }) => paddle?.at,
  },
  {
    name: "key_secret_issued_timestamp_seconds",
    help: "When the active secret was issued; not there if a person put it there.",
    of: ({ view }) => view.active?.issuedAt,
  },
  {
    name: "key_last_rotated_timestamp_seconds",
    help: "When the last rotation or replacement of the key was completed, as far as the newest records reach.",
    of: ({ lastRotation }) => lastRotation?.endedAt,
  },
  {
    name: "key_rotation_due_timestamp_seconds",
    help: "When the key is rotated next by its policy.",
    of: ({ due }) => due?.at,
  },
  {
    name: "old_secret_until_timestamp_seconds",
    help: "When the former secret, which is still in the store, dies.",
    of: ({ view }) => view.old?.until,
  },
];

function timeGauges(meter: Meter): KeyPart {
  const gauges = TIMES.map(({ name, help, of }) => ({
    gauge: meter.gauge({ name, help, labels: ["key"] }),
    of,
  }));
  return {
    reset: () => gauges.forEach(({ gauge }) => gauge.reset()),
    show: (key) => {
      for (const { gauge, of } of gauges) {
        const seconds = toSeconds(of(key));
        if (seconds !== null) gauge.set({ key: key.view.name }, seconds);
      }
    },
  };
}

function workGauges(meter: Meter): KeyPart {
  const jobs = meter.gauge({
    name: "key_jobs",
    help: "Jobs about the key without an end, by state; failed ones wait for a person.",
    labels: ["key", "state"],
  });
  const attempts = meter.gauge({
    name: "key_job_attempts",
    help: "How often the key's most troubled unfinished job was begun without reaching an end.",
    labels: ["key"],
  });
  return {
    reset: () => {
      jobs.reset();
      attempts.reset();
    },
    show: ({ view: { name: key }, jobs: own }) => {
      for (const state of JOB_STATES)
        jobs.set({ key, state }, own.filter((job) => job.state === state).length);
      attempts.set({ key }, Math.max(0, ...own.map((job) => job.attempts)));
    },
  };
}

/** Of few kinds, all of them words of ours. */
function troubleGauges(meter: Meter): (overview: Overview) => void {
  const open = meter.gauge({
    name: "incidents_open",
    help: "Open incidents by key, kind and severity; key is empty for what concerns no managed key.",
    labels: ["key", "kind", "severity"],
  });
  const last = meter.gauge({
    name: "last_alert_timestamp_seconds",
    help: "When an alert of this kind was raised last about the key, among the newest alerts; all-clears do not count.",
    labels: ["key", "kind", "severity"],
  });
  const show = (key: string, incidents: readonly OpenIncident[], alerts: readonly Alert[]) => {
    for (const { alert } of incidents) open.inc({ key, kind: alert.kind, severity: alert.severity });
    // Newest last, so that it is the one that stays.
    for (const { kind, severity, raisedAt, incident } of alerts.toReversed())
      if (incident?.state !== "over") last.set({ key, kind, severity }, raisedAt / 1_000);
  };
  return (overview) => {
    open.reset();
    last.reset();
    show(NO_KEY, overview.incidents, overview.alerts);
    for (const { view, incidents, alerts } of overview.keys) show(view.name, incidents, alerts);
  };
}
