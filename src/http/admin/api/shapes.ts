/** What the API answers with, as schemas: types hold the routes to them, and the OpenAPI document is made of them. */
import { z } from "zod";
import { Plan } from "../../../overview/plan.ts";
import { AuditRecord } from "../../../rotation/audit-record.ts";

const time = z.string().meta({ format: "date-time", description: "UTC" });
const fingerprint = z.string().describe("`sha256:` and 16 hex digits of the SHA-256 of the secret");

export const Problem = z.object({
  type: z.literal("about:blank"),
  title: z.string().describe("The status in words"),
  status: z.number(),
  detail: z.string().optional().describe("What was wrong and what to do next"),
});

/** Of a key that was handed over. */
export const Rejection = Problem.extend({
  faults: z
    .array(
      z.object({
        kind: z.string(),
        says: z.string(),
        overridable: z.boolean().describe("Whether `force` accepts it"),
      }),
    )
    .describe("What is wrong with the key, all of it"),
  notes: z.array(z.string()),
});

const SecretView = z.object({
  fingerprint,
  rotationId: z.string().nullable(),
  issuedAt: time.nullable(),
});

const SwitchOver = z.object({
  startedAt: time,
  changedAt: time.describe("When something had changed last"),
  consumers: z.array(
    z.object({
      name: z.string(),
      state: z.enum(["proved", "under-way", "unprovable", "unknown"]),
      says: z.string(),
      instances: z.array(
        z.object({ id: z.string(), state: z.enum(["switched", "lagging"]), says: z.string().nullable() }),
      ),
    }),
  ),
});

const Steps = z
  .array(z.object({ fact: z.string(), at: time, says: z.string(), fingerprint: fingerprint.optional() }))
  .describe("In the order of time");

export const Job = z.object({
  id: z.string(),
  job: z.enum(["rotate", "revoke-first", "replace", "inspect"]),
  intent: z.string().describe("Why it was queued"),
  eventId: z.string().nullable().describe("The webhook's event; null: a person or the rotator itself asked"),
  queue: z.enum(["rotations", "emergencies", "upkeep"]),
  state: z
    .enum(["waiting", "running", "delayed", "failed"])
    .describe("`failed`: it waits for a person, or for its event to be delivered again"),
  requestedAt: time,
  nextAt: time.nullable().describe("About when it goes on by itself; null: now, or never"),
  percent: z.number().describe("0 to 100"),
  attempts: z.number().describe("How often it was begun and did not reach an end"),
  failure: z.string().nullable().describe("Why it failed last"),
  status: z.string().describe("The path of its page"),
  steps: Steps,
});

export const Incident = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  keyName: z.string().nullable(),
  keyId: z.string().nullable(),
  since: time,
  raisedAt: time.describe("When people were told last"),
  happened: z.string(),
  action: z.string().nullable().describe("What must be done now, by when and where; null: nothing"),
});

export const KeySummary = z.object({
  name: z.string(),
  keyId: z.string().nullable(),
  location: z.string().describe("Where the secret is, in the store's own words"),
  state: z.enum([
    "steady",
    "pending",
    "in-grace",
    "retiring",
    "rolled-back",
    "legacy-key",
    "no-active-secret",
    "store-unreachable",
  ]),
  explanation: z.string().describe("The state in one sentence"),
  graceSeconds: z.number().describe("How long the old secret lives unless whoever asks chooses otherwise"),
  active: SecretView.nullable(),
  old: SecretView.extend({ until: time.nullable() }).nullable(),
  pending: SecretView.extend({
    mode: z.enum(["graceful", "revoke-first"]),
    graceSeconds: z.number().nullable(),
  }).nullable(),
  standby: SecretView.extend({
    location: z.string(),
    fault: z.string().nullable().describe("What the last sweep found wrong with it; null: nothing"),
  }).nullable(),
  lastSeen: z
    .object({
      at: time,
      status: z.enum(["active", "expired", "revoked", "unknown"]),
      rotatable: z.boolean(),
      expiresAt: time.nullable().describe("null: never"),
      exposedAt: time.nullable().describe("null: never seen in public"),
    })
    .nullable()
    .describe("What Paddle said of the active key when it was last asked; null: it was not asked yet"),
  due: z
    .object({
      at: time,
      because: z.enum(["age", "expiry"]),
      forced: z.boolean().describe("No window opens in time, so it is outside the window"),
    })
    .nullable()
    .describe("When the key's policy rotates it next; null: never, or not known"),
  switchOver: SwitchOver.nullable().describe("null: before the first rotation, or without consumers"),
  jobs: z.array(Job).describe("Those without an end and those that failed, newest first"),
  incidents: z.array(Incident).describe("Those that are open, newest first"),
  lastRotation: AuditRecord.nullable().describe("The newest that changed the secret, among recent records"),
});

export const KeyDetail = KeySummary.extend({
  paddle: z
    .union([
      z.object({
        answer: z.literal("accepted"),
        status: z.enum(["active", "expired", "revoked", "unknown"]),
        rotatable: z.boolean(),
        expiresAt: time.nullable().describe("null: never"),
        exposedAt: time.nullable().describe("null: never seen in public"),
      }),
      z.object({ answer: z.enum(["refused", "none"]), explanation: z.string() }),
    ])
    .describe("What Paddle says now, asked with the active secret"),
});

/** Of what is read of many. */
const gathered = {
  at: time.describe("When it was gathered"),
  faults: z.array(z.string()).describe("What could not be read; the rest is as it was. Empty: nothing"),
};

export const KeyList = z.object({
  keys: z.array(KeySummary).describe("In the order of the configuration"),
  ...gathered,
});

export const IncidentList = z.object({
  incidents: z.array(Incident).describe("Those that are open, about any key and about none, newest first"),
  ...gathered,
});

export const RecordPage = z.object({
  rotations: z.array(AuditRecord).describe("Newest first"),
  next: z
    .string()
    .nullable()
    .describe("To be given as `before` for the next page, also where this one is short; null: there is none"),
});

const queued = { jobId: z.string(), status: z.string().describe("The path of the job's page") };

export const QueuedJob = z.object(queued);

export const QueuedReplacement = z.object({ ...queued, notes: z.array(z.string()) });

export const InUseAlready = z.object({ jobId: z.null(), notes: z.array(z.string()) });

export const QueuedRollback = z.object({
  ...queued,
  endsAt: time.describe("When the newer secret comes back by itself"),
  explanation: z.string(),
});

export const Description = z.looseObject({ openapi: z.string() }).describe("An OpenAPI 3.1 document");

/** By the names that they have in the document. */
export const ANSWERS = {
  AuditRecord,
  Description,
  InUseAlready,
  Incident,
  IncidentList,
  Job,
  KeyDetail,
  KeyList,
  KeySummary,
  Plan,
  Problem,
  QueuedJob,
  QueuedReplacement,
  QueuedRollback,
  RecordPage,
  Rejection,
  SecretView,
  SwitchOver,
};
