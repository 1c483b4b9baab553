/** Plays one fault of one neighbour, and says what came of every webhook, every key and everybody who should hear of it. */
import { readFile } from "node:fs/promises";
import { Secret } from "../../../src/core/secret.ts";
import { exposureData, keyData } from "../paddle-simulator/events.ts";
import { answersOk } from "../service.ts";
import { until } from "../until.ts";
import type { Fault } from "./fault-proxy.ts";
import {
  KEYS,
  type KeyName,
  type Neighbour,
  type Neighbourhood,
  openNeighbourhood,
} from "./neighbourhood.ts";
import { startWebhooks, type Webhooks } from "./webhooks.ts";

export type Cell = { readonly neighbour: Neighbour; readonly fault: Fault };

export type Verdict = Cell & {
  /** The slowest answer to a webhook, in milliseconds. */
  readonly slowestMs: number;
  /** Answers to webhooks, by status or by what broke the connection. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of the accepted webhooks, the ids of events that came to nothing. */
  readonly lost: readonly string[];
  /** How many rotations of each key were activated; each was asked for once. */
  readonly activated: Readonly<Record<KeyName, number>>;
  /** How many rotations were issued; more than keys: an answer was lost, and it was done again. */
  readonly issued: number;
  readonly deadSeen: number;
  /** The kinds of alerts that reached people before the fault was over, and when the first did. null: none. */
  readonly paged: { readonly kinds: readonly string[]; readonly afterMs: number } | null;
  /** When `/readyz` first said no; null: never. */
  readonly unreadyAfterMs: number | null;
  /** How much of a core the service used while it lasted, from 0 to 1 for each; null: this system does not say. */
  readonly cpu: number | null;
  /** After the fault's end: ready, everything done, everybody told that it is over. null: not within the patience. */
  readonly wellAfterMs: number | null;
  /** What is not as it should be in the end, in words. */
  readonly unfinished: readonly string[];
};

export type Times = {
  readonly faultMs: number;
  readonly patienceMs: number;
  readonly webhookEveryMs: number;
};

/** So many answers a connection to a queue needs before it does anything. */
const ANSWERS_SPARED: Partial<Record<Neighbour, number>> = { Redis: 4, PostgreSQL: 3 };
const LOOK_MS = 50;

export async function play({ neighbour, fault }: Cell, times: Times): Promise<Verdict> {
  await using place = await openNeighbourhood(neighbour);
  const { site, proxy, service } = place;
  const webhooks = startWebhooks({
    url: service.publicUrl,
    secret: site.webhookSecret,
    everyMs: times.webhookEveryMs,
  });
  let unreadyAt: number | null = null;
  ask(webhooks, place, "early");
  await until("a rotation runs", () => issuedBy(place) > 0);

  const struckAt = Date.now();
  const cpuBefore = await cpuMsOf(service.pid);
  proxy.strike(fault, { answersSpared: ANSWERS_SPARED[neighbour] ?? 0 });
  ask(webhooks, place, "amid");
  expose(webhooks, place);
  await until(
    "the fault has lasted",
    async () => {
      if (unreadyAt === null && !(await answersOk(`${service.publicUrl}/readyz`))) unreadyAt = Date.now();
      return Date.now() >= struckAt + times.faultMs;
    },
    times.faultMs + 30_000,
    LOOK_MS,
  );
  proxy.heal();
  const healedAt = Date.now();
  const cpuAfter = await cpuMsOf(service.pid);
  const paged = pagedBetween(place, struckAt, healedAt);
  ask(webhooks, place, "late");
  const ended = webhooks.end();

  const look = async () => [
    ...((await answersOk(`${service.publicUrl}/readyz`)) ? [] : ["it is not ready"]),
    ...(webhooks.open > 0 ? ["webhooks are not accepted"] : []),
    ...lostOf(place, webhooks).map((id) => `${id} came to nothing`),
    ...unfinishedKeys(place),
    ...untold(place, struckAt),
  ];
  const isWell = async () => (await look()).length === 0;
  const wellAt = await until("all is well again", isWell, times.patienceMs, LOOK_MS).then(
    () => Date.now(),
    () => null,
  );
  await ended;
  return {
    neighbour,
    fault,
    slowestMs: Math.round(Math.max(...webhooks.attempts.map(({ ms }) => ms))),
    answers: Object.fromEntries(
      Map.groupBy(webhooks.attempts, ({ status }) => String(status))
        .entries()
        .map(([status, those]) => [status, those.length]),
    ),
    lost: lostOf(place, webhooks),
    activated: Object.fromEntries(
      KEYS.map((name) => [name, site.paddle.activatedRotations(place.keys[name].id)]),
    ) as Record<KeyName, number>,
    issued: issuedBy(place),
    deadSeen: place.deadSeen,
    paged,
    unreadyAfterMs: unreadyAt === null ? null : unreadyAt - struckAt,
    cpu: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / (healedAt - struckAt),
    wellAfterMs: wellAt === null ? null : wellAt - healedAt,
    unfinished: wellAt === null ? await look() : [],
  };
}

function ask(webhooks: Webhooks, { site, keys }: Neighbourhood, name: KeyName): void {
  const { id } = keys[name];
  const expiresAt = new Date(site.paddle.key(id).expiresAt ?? 0).toISOString();
  webhooks.send("api_key.expiring", keyData({ id, name, expires_at: expiresAt }));
}

/** The simulator knows of it and says nothing: the webhook is ours. */
function expose(webhooks: Webhooks, { site, keys }: Neighbourhood): void {
  const { id } = keys.leaked;
  site.paddle.expose(id, { riskLevel: "low", revoke: false });
  webhooks.send(
    "api_key_exposure.created",
    exposureData({
      api_key_id: id,
      risk_level: "low",
      action_taken: "none",
      created_at: new Date().toISOString(),
    }),
  );
}

/** Linux counts in hundredths of a second. */
async function cpuMsOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // After the name, which may hold anything, the 12th and the 13th: its own time and the system's for it.
  const fields = status?.slice(status.lastIndexOf(")") + 2).split(" ");
  return fields ? 10 * (Number(fields[11]) + Number(fields[12])) : null;
}

function issuedBy({ site }: Neighbourhood): number {
  return site.paddle.requests.filter(({ method }) => method === "POST").length;
}

function pagedBetween({ told }: Neighbourhood, from: number, to: number): Verdict["paged"] {
  const pages = told.filter(({ at, data }) => at >= from && at <= to && isTrouble(data));
  const [first] = pages;
  if (!first) return null;
  return { kinds: [...new Set(pages.map(({ data }) => String(data["kind"])))], afterMs: first.at - from };
}

/** What people hear of where all is well: of the load, which is about keys that nobody manages, and of the leak. */
const OUTCOMES: ReadonlySet<unknown> = new Set(["unmanaged-key-ended", "exposure-handled"]);

function isTrouble(data: Readonly<Record<string, unknown>>): boolean {
  return data["severity"] !== "info" && !OUTCOMES.has(data["kind"]);
}

function lostOf({ told }: Neighbourhood, { accepted }: Webhooks): string[] {
  const outcomes = new Set(told.map(({ id }) => /evt_[a-z0-9]+/.exec(id)?.[0] ?? ""));
  return [...accepted].filter((id) => !outcomes.has(id));
}

function unfinishedKeys(place: Neighbourhood): string[] {
  const { site, keys, application } = place;
  const toldOf = new Set([...application.notified.values()].map(({ fingerprint }) => fingerprint));
  return KEYS.flatMap((name) => {
    const { active, pending } = place.slots(name);
    const faults = [
      active === keys[name].secret ? "was not rotated" : null,
      pending === "" ? null : "has a pending secret",
      site.paddle.isAlive(active) ? null : "has a dead active secret",
      toldOf.has(new Secret(active).fingerprint())
        ? null
        : "has a secret that its application was not told of",
    ];
    return faults.flatMap((fault) => (fault === null ? [] : [`${name} ${fault}`]));
  });
}

/** The next sweep says that they are over, a quarter of an hour later. */
const ENDED_BY_A_SWEEP: ReadonlySet<unknown> = new Set(["key-unchecked", "sweeps-fail"]);

type IncidentNote = { readonly id: string; readonly state: string };

/** What people were told of and not told the end of, and what one channel was told and the other was not. */
function untold({ told, toldAtOps }: Neighbourhood, since: number): string[] {
  const incidents = told
    .filter(({ at, data }) => at >= since && !ENDED_BY_A_SWEEP.has(data["kind"]))
    .flatMap(({ data }) => (data["incident"] ? [data["incident"] as IncidentNote] : []));
  const over = new Set(incidents.filter(({ state }) => state === "over").map(({ id }) => id));
  const atOps = toldAtOps();
  return [
    ...incidents.filter(({ id }) => !over.has(id)).map(({ id }) => `nobody was told that ${id} is over`),
    ...told
      .filter(({ id }) => !atOps.has(id) && !id.startsWith("channel-"))
      .map(({ id }) => `ops was not told ${id}`),
  ];
}
