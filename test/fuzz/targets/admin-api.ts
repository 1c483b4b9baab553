/** The admin listener: any method, path, query, JSON body or form, signed in or not. */
import type { LightMyRequestResponse } from "fastify";
import { BASIC, BEARER } from "../../support/admin/world.ts";
import { CANARY } from "../../support/admin/keys.ts";
import { mustBeDocumented } from "../../support/admin/documented.ts";
import { mustBeProblem, mustHideAll } from "../answers.ts";
import { type AdminApp, KEY_NAMES, openAdminApp } from "../admin-app.ts";
import { mutateJson, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, type Target } from "../target.ts";

/** All neighbours are in order, so nothing is unavailable. */
const STATUSES = [200, 202, 204, 302, 303, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422];
const KEY = `pdl_sdbx_apikey_01kbb1b2c3d4e5f6g7h8j9k0mn_${CANARY}HandedOverxxxx_abc`;
const METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] as const;
const READS = [
  "/",
  "/keys/billing",
  "/runbook",
  "/metrics",
  "/livez",
  "/readyz?verbose",
  "/queues/api/queues",
  "/api/keys",
  "/api/keys/billing",
  "/api/incidents",
  "/api/plan",
  "/api/rotations?limit=50&before=1-1&keyName=billing",
  "/api/openapi.json",
  "/keys/billing?asked=manual-1&queue=rotations",
];
const WORDS =
  "/ // ../ %2f %00 % %zz %C0%AF ? & = # ; limit= before= keyName= billing rotations replacement jobs retry __proto__ graceful revoke-first yes".split(
    " ",
  );

type Asked = {
  readonly method: (typeof METHODS)[number];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
};

export const adminApi: Target = {
  name: "admin-api",
  mustOccur: ["GET 200", "POST 202", "POST 303", "POST 400", "POST 401", "POST 403", "POST 409", "POST 422"],
  async open() {
    const admin = await openAdminApp();
    return {
      async feed(random) {
        // Ten sign-ins may fail at once, which is not what is tried here.
        await admin.world.clock.advance(10_000);
        const asked = requestFor(random, admin);
        const about = JSON.stringify(asked);
        const lines = admin.world.logged.lines.length;
        const answer = await admin.app.inject(asked);
        mustBe(STATUSES.includes(answer.statusCode), `status ${answer.statusCode} for ${about}`);
        judge(asked, answer);
        const wrote = admin.world.logged.lines.slice(lines);
        mustHideAll(answer.body + JSON.stringify([answer.headers, wrote]), [CANARY]);
        mustHideAll(JSON.stringify([admin.world.workQueue.puts.at(-1), admin.world.alerts.raised.at(-1)]), [
          CANARY,
        ]);
        return `${asked.method} ${answer.statusCode}`;
      },
      [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose](),
    };
  },
};

function judge({ method, url, headers }: Asked, answer: LightMyRequestResponse): void {
  const { statusCode, body } = answer;
  const isRefused = statusCode >= 400;
  const isPage = String(answer.headers["content-type"]).startsWith("text/html");
  const isOpen = /^\/(livez|readyz)\b/.test(url);
  if (headers["authorization"] === undefined && !isOpen)
    mustBe(isRefused || statusCode === 302, `${statusCode} without a sign-in for ${method} ${url}`);
  if (method === "HEAD") return;
  // The queue dashboard's own script is told in the dashboard's own words.
  const isDashboards = url.startsWith("/queues/api/") && headers["authorization"] !== undefined;
  if (isRefused && !isPage && !isDashboards) mustBeProblem(answer);
  if (isPage) mustBe(body.startsWith("<!doctype html>") || body.startsWith("<!DOCTYPE html>"), "no page");
  // What is behind # is no part of the path to any server.
  mustBeDocumented(method, url.split("#", 1).join(""), {
    status: statusCode,
    headers: answer.headers as Readonly<Record<string, string>>,
    text: body,
    json: () => JSON.parse(body),
  });
}

function requestFor(random: Random, { formToken }: AdminApp): Asked {
  const asked = random.below(3);
  // The token of a form is good for the one whom it was made for.
  const signedIn = asked === 2 ? BASIC : BEARER;
  const headers: Record<string, string> = random.oneIn(8) ? strangersHeaders(random) : { ...signedIn };
  if (asked === 0) {
    const url = random.pick(READS);
    const method = random.oneIn(4) ? random.pick(METHODS) : "GET";
    return { method, url: addressable(random.oneIn(2) ? url : mutateText(random, url, WORDS)), headers };
  }
  const name = random.oneIn(12) ? encodeURIComponent(random.text(20).toWellFormed()) : random.pick(KEY_NAMES);
  const act = asked === 1 ? jsonFor(random, name) : formFor(random, name, formToken);
  const url = random.oneIn(8) ? mutateText(random, act.url, WORDS) : act.url;
  const method = random.oneIn(20) ? random.pick(METHODS) : "POST";
  const type = random.oneIn(12)
    ? random.pick(["text/plain", "application/json; charset=x", "a/b", ""])
    : act.type;
  return {
    method,
    url: addressable(url),
    headers: { ...headers, "content-type": type },
    payload: act.payload,
  };
}

/** `/live` answers for an hour. What is not visible ASCII no client could send, nor what is no address at all. */
function addressable(url: string): string {
  const sendable = `/${url.replace(/^\/+/, "").replaceAll(/[^\x21-\x7e]/g, "")}`;
  const parsed = URL.parse(sendable, "http://localhost");
  if (parsed?.hostname !== "localhost" || /live/i.test(decodable(sendable))) return "/livez";
  // Without dots in it, as it is injected.
  return parsed.pathname + parsed.search;
}

function decodable(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function jsonFor(random: Random, name: string) {
  const [path, body] = random.pick([
    ["rotations", { mode: "graceful", graceSeconds: 3_600 }],
    ["rotations", { mode: "revoke-first" }],
    ["replacement", { key: KEY, force: random.oneIn(2) }],
    ["rollback", {}],
    ["jobs/manual-1/retry", {}],
  ] as const);
  const payload = JSON.stringify(random.oneIn(2) ? body : mutateJson(random, body, WORDS)) ?? "";
  const type = "application/json";
  if (random.oneIn(200)) return { url: `/api/keys/${name}/${path}`, type, payload: payload.padEnd(17_000) };
  return {
    url: `/api/keys/${name}/${path}`,
    type,
    payload: random.oneIn(4) ? mutateText(random, payload) : payload,
  };
}

function formFor(random: Random, name: string, token: string) {
  const [action, fields] = random.pick([
    ["rotate", { grace: random.pick(["0", "3600", "86400", "1"]) }],
    ["revoke-first", { confirm: name }],
    ["roll-back", {}],
    ["replace", { key: KEY, ...(random.oneIn(2) && { force: "yes" }) }],
    ["retry", { job: "manual-1" }],
  ] as const);
  const form = { token: random.oneIn(10) ? random.text(40).toWellFormed() : token, ...fields };
  const text = new URLSearchParams(form).toString();
  const payload = random.oneIn(3) ? mutateText(random, text, WORDS) : text;
  return { url: `/keys/${name}/${action}`, type: "application/x-www-form-urlencoded", payload };
}

function strangersHeaders(random: Random): Record<string, string> {
  const sendable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "").trim();
  switch (random.below(5)) {
    case 0:
      return {};
    case 1:
      return { authorization: sendable(mutateText(random, BEARER.authorization)) };
    case 2:
      return { authorization: sendable(`${random.pick(["Basic", "Bearer", "Digest"])} ${random.text(60)}`) };
    case 3:
      return { ...BEARER, "sec-fetch-site": random.pick(["cross-site", "same-site", "none"]) };
    default:
      return {
        ...BEARER,
        host: sendable(random.text(20)),
        origin: "https://evil.example",
        accept: "text/csv",
      };
  }
}
