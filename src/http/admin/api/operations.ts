/** Everything that the API does: one entry each, and nothing is served under `/api` that is not here. */
import * as bodies from "./bodies.ts";
import { NOTHING, operation, type Operation } from "./operation.ts";
import * as shapes from "./shapes.ts";

const READS = { method: "GET", body: NOTHING } as const;
const ACTS = { method: "POST", query: NOTHING } as const;

const UNKNOWN_KEY = "No key has this name; `detail` names those that there are";
const UNAVAILABLE =
  "The store, the queue or Paddle does not answer; `detail` says which, and what was changed";

export const listKeys = operation({
  ...READS,
  id: "listKeys",
  path: "/api/keys",
  summary: "Every key, with all that is known of it",
  description: "Stores are read at most twice a minute unless a job has come further; Paddle is not asked.",
  params: NOTHING,
  query: NOTHING,
  answers: { 200: { says: "The keys", body: shapes.KeyList } },
  problems: {},
});

export const getKey = operation({
  ...READS,
  id: "getKey",
  path: "/api/keys/{name}",
  summary: "One key, as its store and Paddle have it now",
  description: "Paddle is asked with the active secret.",
  params: bodies.KeyParams,
  query: NOTHING,
  answers: { 200: { says: "The key", body: shapes.KeyDetail } },
  problems: { 404: UNKNOWN_KEY },
});

export const requestRotation = operation({
  ...ACTS,
  id: "requestRotation",
  path: "/api/keys/{name}/rotations",
  summary: "Rotate a key",
  params: bodies.KeyParams,
  body: bodies.RotationBody,
  answers: { 202: { says: "The job is queued", body: shapes.QueuedJob } },
  problems: {
    404: UNKNOWN_KEY,
    409: "The store holds no active secret, or one that cannot be rotated",
    503: UNAVAILABLE,
  },
});

export const requestReplacement = operation({
  ...ACTS,
  id: "requestReplacement",
  path: "/api/keys/{name}/replacement",
  summary: "Put another key in the place of this one",
  description:
    "For a key that cannot rotate itself. The new key is checked first and saved as the standby; handing over the same key twice does no harm.",
  params: bodies.KeyParams,
  body: bodies.ReplacementBody,
  answers: {
    200: { says: "It is in use already", body: shapes.InUseAlready },
    202: {
      says: "It is saved as the standby, and the job that puts it to use is queued",
      body: shapes.QueuedReplacement,
    },
  },
  problems: {
    404: UNKNOWN_KEY,
    409: "The state of the key does not allow it now",
    422: "The key that was handed over is not accepted; `faults` says why",
    503: UNAVAILABLE,
  },
});

export const requestRollback = operation({
  ...ACTS,
  id: "requestRollback",
  path: "/api/keys/{name}/rollback",
  summary: "Give applications the former secret back while it lives",
  description: "Before the former secret dies, the newer one returns by itself.",
  params: bodies.KeyParams,
  body: bodies.EmptyBody,
  answers: {
    202: { says: "It is rolled back, and the job that ends it is queued", body: shapes.QueuedRollback },
  },
  problems: {
    404: UNKNOWN_KEY,
    409: "An exposure is open, a new secret is staged, or the old one is gone, dead or about to die",
    503: UNAVAILABLE,
  },
});

export const retryJob = operation({
  ...ACTS,
  id: "retryJob",
  path: "/api/keys/{name}/jobs/{jobId}/retry",
  summary: "Take up a job again that failed",
  description: "It is the same job, and goes on where it was; asking twice does no harm.",
  params: bodies.JobParams,
  body: bodies.EmptyBody,
  answers: { 202: { says: "The job is queued again", body: shapes.QueuedJob } },
  problems: {
    404: UNKNOWN_KEY,
    409: "The job has not failed, or the key has no such job any more",
    503: UNAVAILABLE,
  },
});

export const listIncidents = operation({
  ...READS,
  id: "listIncidents",
  path: "/api/incidents",
  summary: "What is wrong now, and what must be done about it",
  params: NOTHING,
  query: NOTHING,
  answers: { 200: { says: "The open incidents", body: shapes.IncidentList } },
  problems: {},
});

export const getPlan = operation({
  ...READS,
  id: "getPlan",
  path: "/api/plan",
  summary: "What will happen to each key and when, and the worst outage of each",
  params: NOTHING,
  query: NOTHING,
  answers: { 200: { says: "The plan", body: shapes.ANSWERS.Plan } },
  problems: {},
});

export const listRecords = operation({
  ...READS,
  id: "listRecords",
  path: "/api/rotations",
  summary: "The audit records of rotations, replacements, rollbacks and exposures",
  description:
    "A page that is cut by `keyName` may be short or empty while `next` is set: older records are still to be looked through.",
  params: NOTHING,
  query: bodies.RecordsQuery,
  answers: {
    200: {
      says: "One page; of a table, the `Link` header names the next one",
      body: shapes.RecordPage,
      alsoAs: { "text/csv": "The same as a table with a header line (RFC 4180)" },
    },
  },
  problems: { 503: "The records do not answer" },
});

export const describeApi = operation({
  ...READS,
  id: "describeApi",
  path: "/api/openapi.json",
  summary: "This document",
  params: NOTHING,
  query: NOTHING,
  answers: { 200: { says: "The document", body: shapes.Description } },
  problems: {},
});

export const OPERATIONS: readonly Operation[] = [
  listKeys,
  getKey,
  requestRotation,
  requestReplacement,
  requestRollback,
  retryJob,
  listIncidents,
  getPlan,
  listRecords,
  describeApi,
];
