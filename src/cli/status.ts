/** `status`: what the running service knows of its keys, as a table, or all it knows of one. */
import type { z } from "zod";
import type { Config } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { KeyDetail, KeyList, type KeySummary } from "../http/admin/api/shapes.ts";
import type { Answer } from "./answer.ts";
import { pathOf } from "./requests.ts";
import { askService } from "./service.ts";
import { toTable } from "./table.ts";

type Summary = z.output<typeof KeySummary>;
type Detail = z.output<typeof KeyDetail>;

const NONE = "-";
const HEADING = ["", "KEY", "STATE", "ACTIVE", "OLD UNTIL", "NEXT DUE", "CONSUMERS", "STANDBY", "INCIDENTS"];

/** @param name empty: every key */
export async function status(config: Config, name: string, now = Date.now()): Promise<Answer> {
  if (name !== "") {
    const json = await askService(config, "GET", pathOf(name));
    return { ok: true, text: linesOf(KeyDetail.parse(json), now).join("\n"), json };
  }
  const json = await askService(config, "GET", "/api/keys");
  const { keys, faults } = KeyList.parse(json);
  const waiting = keys.filter(needsPerson).length;
  const lines = [
    ...toTable([HEADING, ...keys.map((key) => rowOf(key, now))]),
    ...(waiting > 0
      ? [
          "",
          `${waiting === 1 ? "1 key needs" : `${waiting} keys need`} you (!): npm run rotator -- status <key>`,
        ]
      : []),
    ...faults.map((fault) => `not known: ${fault}`),
  ];
  return { ok: true, text: lines.join("\n"), json };
}

function rowOf(key: Summary, now: number): string[] {
  const { name, state, active, old, due, switchOver, standby, incidents } = key;
  const proved = switchOver?.consumers.filter((consumer) => consumer.state === "proved").length;
  return [
    needsPerson(key) ? "!" : "",
    name,
    state.replaceAll("-", " "),
    active?.fingerprint ?? NONE,
    old ? moment(old.until, now) : NONE,
    due ? moment(due.at, now) : NONE,
    switchOver ? `${proved} of ${switchOver.consumers.length}` : NONE,
    standby ? (standby.fault === null ? "ready" : "unfit") : "none",
    incidents.length === 0 ? NONE : String(incidents.length),
  ];
}

const STUCK: ReadonlySet<Summary["state"]> = new Set(["legacy-key", "no-active-secret", "store-unreachable"]);

/** Something that does not mend itself: it says what, and in most cases what to do. */
function needsPerson({ state, incidents, jobs }: Summary): boolean {
  return (
    STUCK.has(state) ||
    jobs.some((job) => job.state === "failed") ||
    incidents.some(({ action, severity }) => action !== null && severity !== "info")
  );
}

function linesOf(key: Detail, now: number): string[] {
  const { name, keyId, location, active, old, pending, standby, switchOver, incidents, jobs } = key;
  return [
    `${name}${keyId === null ? "" : ` (${keyId})`}: ${key.state.replaceAll("-", " ")}`,
    key.explanation,
    "",
    ...incidents.flatMap(({ severity, since, happened, action }) => [
      `${severity} since ${moment(since, now)}: ${happened}`,
      ...(action === null ? [] : [`  ${action}`]),
    ]),
    ...(incidents.length > 0 ? [""] : []),
    ...toTable([
      ["store", location],
      ["active", secretOf(active, now)],
      ...(old ? [["old", `${old.fingerprint}, works until ${moment(old.until, now)}`]] : []),
      ...(pending ? [["pending", `${secretOf(pending, now)}, ${pending.mode}`]] : []),
      ["standby", standbyOf(standby)],
      ["Paddle", paddleOf(key, now)],
      ["next due", dueOf(key, now)],
      ["last rotation", lastOf(key, now)],
    ]),
    ...(switchOver?.consumers ?? []).flatMap(({ name: consumer, state, says, instances }) => [
      `consumer ${consumer}: ${state.replaceAll("-", " ")}. ${says}`,
      ...instances.filter((instance) => instance.state === "lagging").map(({ id }) => `  lagging: ${id}`),
    ]),
    ...jobs.flatMap(({ id, job, state, nextAt, failure }) => [
      `job ${id}: ${job}, ${state}${nextAt === null ? "" : `, goes on ${moment(nextAt, now)}`}`,
      ...(failure === null ? [] : [`  ${failure}`]),
    ]),
  ];
}

function secretOf(secret: Summary["active"], now: number): string {
  if (!secret) return "none";
  return `${secret.fingerprint}, issued ${secret.issuedAt === null ? "at a time that is not known" : moment(secret.issuedAt, now)}`;
}

function standbyOf(standby: Summary["standby"]): string {
  if (!standby) return "none: if the key dies, a person must bring another one";
  return `${standby.fingerprint} in ${standby.location}${standby.fault === null ? "" : `: it ${standby.fault}`}`;
}

function paddleOf({ paddle }: Detail, now: number): string {
  if (paddle.answer !== "accepted") return paddle.explanation;
  const expiry = paddle.expiresAt === null ? "never expires" : `expires ${moment(paddle.expiresAt, now)}`;
  const exposed = paddle.exposedAt === null ? "" : `, found in public ${moment(paddle.exposedAt, now)}`;
  return `${paddle.status}, ${paddle.rotatable ? "rotatable" : "not rotatable"}, ${expiry}${exposed}`;
}

function dueOf({ due }: Detail, now: number): string {
  if (!due) return "never, or not known: npm run rotator -- plan";
  return `${moment(due.at, now)}, by its ${due.because}${due.forced ? ", outside its window" : ""}`;
}

function lastOf({ lastRotation }: Detail, now: number): string {
  return lastRotation
    ? `${moment(lastRotation.endedAt, now)}: ${lastRotation.summary}`
    : "none among the recent records";
}

/** To the minute, and how far it is. */
function moment(iso: string | null, now: number): string {
  if (iso === null) return "a time that is not known";
  const at = Date.parse(iso);
  const distance = formatDuration(Math.abs(at - now));
  return `${iso.slice(0, "2026-11-21T12:00".length).replace("T", " ")}Z (${at < now ? `${distance} ago` : `in ${distance}`})`;
}
