/** `check` on set-ups that are broken in one way each: it names the fault, and what to do about it. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, describe, expect, inject, it } from "vitest";
import { type CheckPlace, openCheckPlace, READS } from "../support/admin/check-place.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { startTlsRedis } from "../support/redis-tls.ts";
import { selfSignedCertificate } from "../support/stores/self-signed-certificate.ts";
import { uniquePrefix } from "../support/unique.ts";

const DAY_MS = 86_400_000;
const KEEPS = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];

const redis = await startRedisServer({ args: KEEPS });
afterAll(() => redis.stop());

type Line = { readonly level: "warning" | "failed"; readonly says: RegExp; readonly fix?: RegExp };
type Spoil = (place: CheckPlace, opened: AsyncDisposableStack) => unknown;
type Broken = readonly [fault: string, spoil: Spoil, line: Line];

/** What is found where `spoil` was done to a set-up that was well: the lines that are not ok. */
async function find(spoil: Spoil) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await openCheckPlace(redis.url));
  await place.settle();
  await spoil(place, opened);
  const { ok, text, json, exitCode } = await place.check();
  const { findings } = json as { findings: readonly { level: string; says: string; fix: string | null }[] };
  return { ok, text, exitCode, faults: findings.filter(({ level }) => level !== "ok") };
}

const yaml = (change: (text: string) => string) => (place: CheckPlace) => place.configure(change);
const add = (line: string) => yaml((text) => text.replace("    consumers:", `    ${line}\n    consumers:`));
const environment = (values: Readonly<Record<string, string | undefined>>) => (place: CheckPlace) =>
  void Object.assign(place.env, values);
const active = (options: Parameters<CheckPlace["paddle"]["createKey"]>[0]) => (place: CheckPlace) => {
  const { secret } = place.paddle.createKey({ permissions: READS, ...options });
  return place.hold({ active: secret });
};
const ownRedis = (args: readonly string[]) => async (place: CheckPlace, opened: AsyncDisposableStack) => {
  const own = opened.use(await startRedisServer({ args }));
  place.env["QUEUE_URL"] = own.url;
  return own;
};

/** The public listener speaks TLS with a certificate for `days` from `now` on, and perhaps another one's key. */
const tls =
  (now: number, days: number, isOwnKey = true) =>
  async (place: CheckPlace) => {
    const { cert, key } = selfSignedCertificate(now, days);
    const certFile = await place.write("tls.crt", cert);
    const keyFile = await place.write("tls.key", isOwnKey ? key : selfSignedCertificate().key);
    await place.configure(
      (text) => `${text}listeners: { public: { tls: { certFile: ${certFile}, keyFile: ${keyFile} } } }\n`,
    );
  };

const CONFIGURATION: readonly (readonly [fault: string, spoil: Spoil, says: RegExp])[] = [
  [
    "no configuration file",
    environment({ CONFIG_FILE: "/nowhere/rotator.yaml" }),
    /CONFIG_FILE: names a file that does not exist/,
  ],
  [
    "a field that is misspelt",
    yaml((text) => text.replace("consumers:", "consumer:")),
    /did you mean consumers\?/,
  ],
  [
    "no webhook secret",
    environment({ PADDLE_WEBHOOK_SECRETS: "" }),
    /PADDLE_WEBHOOK_SECRETS: is missing; set it to the secret key/,
  ],
  [
    "an API key in the place of the webhook secret",
    (place) => void (place.env["PADDLE_WEBHOOK_SECRETS"] = place.active.secret),
    /is an API key or a destination's id; copy the destination's secret key/,
  ],
  [
    "an admin listener open to the network",
    environment({ ADMIN_HOST: "0.0.0.0" }),
    /ADMIN_HOST: lets other machines in.*set ADMIN_USER/,
  ],
  [
    "a grace that the slowest consumer outlives",
    add("rotation: { grace: 10m }"),
    /rotation\.grace .*must be at least 20m: billing-app/,
  ],
  [
    "a secret both in the environment and in a file",
    environment({ PADDLE_WEBHOOK_SECRETS_FILE: "./secret" }),
    /keep one of the two/,
  ],
];

const BROKEN: readonly Broken[] = [
  [
    "an env-file that is not there",
    (place) => place.remove("billing.env"),
    { level: "failed", says: /billing\.env.*does not exist/ },
  ],
  [
    "an env-file that everybody may read",
    (place) => place.chmod("billing.env", 0o644),
    { level: "failed", says: /can be read by every user of this machine.*chmod 600/ },
  ],
  [
    "an env-file without an active secret",
    (place) => place.hold({ active: null }),
    {
      level: "failed",
      says: /billing\.env.*holds no active secret/,
      fix: /create a rotatable key in Paddle/,
    },
  ],
  [
    "something else than a Paddle key",
    (place) => place.hold({ active: "sk_live_0123456789abcdef" }),
    { level: "failed", says: /carries no key id/, fix: /npm run rotator -- replace billing/ },
  ],
  [
    "a legacy key",
    active({ legacy: true }),
    { level: "failed", says: /from before May 2025/, fix: /npm run rotator -- replace billing/ },
  ],
  [
    "a key that was revoked",
    ({ paddle, active: { id } }) => paddle.revoke(id, { by: "user" }),
    {
      level: "failed",
      says: /Paddle refuses the active secret sha256:\w+ of apikey_/,
      fix: /replace billing/,
    },
  ],
  [
    "a key of the other environment",
    environment({ PADDLE_API_URL: "https://api.paddle.com" }),
    {
      level: "failed",
      says: /it is a sandbox key, and PADDLE_API_URL sends it to Paddle's live/,
      fix: /unset PADDLE_API_URL/,
    },
  ],
  [
    "a key made without rotation, and no standby",
    async (place) => {
      await active({ rotatable: false })(place);
      await place.hold({ standby: null });
    },
    {
      level: "failed",
      says: /was made without rotation, and expires at/,
      fix: /create a rotatable key.*replace billing/,
    },
  ],
  [
    "a key that was found in public and lives on",
    ({ paddle, active: { id } }) => paddle.expose(id, { revoke: false }),
    { level: "failed", says: /was found in public at/, fix: /rotate billing --revoke-first/ },
  ],
  [
    "a key that expires soon",
    active({ expiresAt: Date.now() + 3 * DAY_MS }),
    {
      level: "warning",
      says: /expires at .*, in 2d 23h: its rotation is due/,
      fix: /look whether the service runs/,
    },
  ],
  [
    "a key that never falls due",
    active({ expiresAt: null }),
    { level: "warning", says: /never expires and rotation.every is not set/, fix: /set rotation.every/ },
  ],
  [
    "one key under two names",
    async (place) => {
      await place.write(
        "reports.env",
        `ACTIVE_PADDLE_KEY=${place.active.secret}\nSTANDBY_PADDLE_KEY=${place.standby.secret}\n`,
      );
      await place.configure((text) =>
        text.replace(
          "keys:\n",
          "keys:\n  - name: reports\n    store: { type: env-file, path: ./reports.env }\n    consumers: [{ name: reports-app, type: none }]\n",
        ),
      );
    },
    { level: "failed", says: /the same key as that of reports/, fix: /create a key of its own for billing/ },
  ],
  [
    "no standby",
    (place) => place.hold({ standby: null }),
    { level: "warning", says: /it has no standby/, fix: /create a second rotatable key/ },
  ],
  [
    "a standby that is dead",
    ({ paddle, standby: { id } }) => paddle.revoke(id, { by: "user" }),
    { level: "failed", says: /the standby is dead: Paddle refuses it/, fix: /put it in the standby's place/ },
  ],
  [
    "a standby of the very key that it stands by for",
    (place) => place.hold({ standby: place.active.secret }),
    { level: "failed", says: /is a secret of the active key itself/, fix: /create a rotatable key/ },
  ],
  [
    "a standby that may do less",
    ({ paddle, standby: { id } }) => paddle.editKey(id, { permissions: ["api_key.read"] }),
    {
      level: "warning",
      says: /lacks permissions that the active key has: .*transaction.read/,
      fix: /with the permissions of/,
    },
  ],
  [
    "a store for the standby that is empty",
    async (place) => {
      await place.hold({ standby: null });
      await place.write("standby.env", "");
      await add("standby: { store: { type: env-file, path: ./standby.env } }")(place);
    },
    { level: "failed", says: /standby\.env.*holds no standby secret/, fix: /create a rotatable key/ },
  ],
  [
    "keys that may read nothing of the account",
    async (place) => {
      await active({ permissions: ["transaction.read", "notification_setting.read"] })(place);
      await place.hold({ standby: null });
    },
    {
      level: "warning",
      says: /no managed key has notification.read: a webhook that never arrives/,
      fix: /give one managed key notification.read/,
    },
  ],
  [
    "a destination that leads elsewhere",
    yaml((text) => `${text}reconcile: { publicUrl: https://other.example.com }\n`),
    {
      level: "failed",
      says: /no notification destination leads to https:\/\/other/,
      fix: /rotator -- register --url/,
    },
  ],
  [
    "a destination that is switched off",
    ({ paddle, destinationId }) => paddle.switchDestination(destinationId, false),
    { level: "failed", says: /is switched off/, fix: /switch it on/ },
  ],
  [
    "a webhook secret that is none of a destination",
    environment({ PADDLE_WEBHOOK_SECRETS: "0123456789abcdef0123456789" }),
    {
      level: "warning",
      says: /1 of 1 do not begin with pdl_ntfset_/,
      fix: /copy the destination's secret key/,
    },
  ],
  [
    "no Redis",
    environment({ QUEUE_URL: "redis://127.0.0.1:1" }),
    { level: "failed", says: /^Redis does not answer \(ECONNREFUSED\)$/, fix: /host and port in QUEUE_URL/ },
  ],
  [
    "a Redis that wants a password",
    ownRedis([...KEEPS, "--requirepass", "secret"]),
    {
      level: "failed",
      says: /^Redis refuses our sign-in \(NOAUTH\)$/,
      fix: /user and password into QUEUE_URL/,
    },
  ],
  [
    "a Redis that hangs",
    async (place, opened) => (await ownRedis(KEEPS)(place, opened)).suspend(),
    { level: "failed", says: /Redis does not answer/, fix: /host and port in QUEUE_URL/ },
  ],
  [
    "a Redis that throws jobs away",
    ownRedis(["--appendonly", "yes", "--maxmemory-policy", "allkeys-lru"]),
    {
      level: "failed",
      says: /Redis may throw jobs away: its maxmemory-policy is allkeys-lru/,
      fix: /CONFIG SET maxmemory-policy noeviction/,
    },
  ],
  [
    "a Redis that forgets",
    ownRedis(["--maxmemory-policy", "noeviction"]),
    { level: "warning", says: /keeps nothing on disk/, fix: /appendonly yes/ },
  ],
  [
    "no PostgreSQL",
    environment({ QUEUE_URL: "postgres://nobody:canary@127.0.0.1:1/x" }),
    {
      level: "failed",
      says: /^PostgreSQL does not answer \(ECONNREFUSED\)$/,
      fix: /host and port in QUEUE_URL/,
    },
  ],
  [
    "a Redis whose authority nobody trusts",
    async ({ env }, opened) => void (env["QUEUE_URL"] = opened.use(await startTlsRedis()).url),
    { level: "failed", says: /Redis does not prove who it is \(\w*CERT\w*\)/, fix: /NODE_EXTRA_CA_CERTS/ },
  ],
  [
    "a database that PostgreSQL does not have",
    environment({ QUEUE_URL: new URL("/nowhere", inject("postgresUrl")).href }),
    { level: "failed", says: /no such database/, fix: /createdb/ },
  ],
  [
    "a user who may make no tables",
    async ({ env }, opened) => {
      const client = opened.adopt(new Client(inject("postgresUrl")), (own) => own.end());
      await client.connect();
      const role = uniquePrefix("nobody");
      await client.query(`create role ${role} login`);
      env["QUEUE_URL"] = Object.assign(new URL(inject("postgresUrl")), { username: role }).href;
    },
    {
      level: "failed",
      says: /its user may not make the schema paddle_rotator/,
      fix: /CREATE SCHEMA paddle_rotator AUTHORIZATION/,
    },
  ],
  [
    "a file where the queue's folder should be",
    async (place) => {
      const path = await place.write("data", "");
      Object.assign(place.env, { QUEUE_URL: undefined, DATA_DIR: join(path, "queue") });
    },
    { level: "failed", says: /data cannot be written.*the embedded queue/, fix: /set DATA_DIR or QUEUE_URL/ },
  ],
  [
    "a consumer that does not answer",
    yaml((text) =>
      text.replace(
        "type: none",
        "type: http, notify: http://127.0.0.1:1/, verify: http://127.0.0.1:1/, secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
      ),
    ),
    { level: "failed", says: /billing-app.*127\.0\.0\.1:1/ },
  ],
  [
    "a key without consumers",
    yaml((text) => text.replace(/ {4}consumers:.*\n/, "")),
    { level: "warning", says: /no consumer is configured/, fix: /under consumers/ },
  ],
  [
    "nobody who hears of trouble",
    yaml((text) => text.replace(/alerts:.*\n/, "")),
    { level: "warning", says: /no channel is configured/, fix: /docs\/alerts\.md/ },
  ],
  [
    "a clock that is 9 s ahead",
    (place) => void (place.aheadMs = 9_000),
    { level: "failed", says: /clock is [789]s ahead of Paddle's: every webhook is refused/, fix: /NTP/ },
  ],
  [
    "a clock that is 4 s behind",
    (place) => void (place.aheadMs = -4_000),
    { level: "warning", says: /clock is [234]s behind Paddle's/, fix: /NTP/ },
  ],
  [
    "a configuration that others may change",
    (place) => place.chmod("rotator.yaml", 0o666),
    { level: "warning", says: /rotator\.yaml can be changed by other users/, fix: /chmod go-w/ },
  ],
  [
    "a secret in a file that everybody may read",
    async (place) => {
      const path = await place.write("webhook-secret", place.env["PADDLE_WEBHOOK_SECRETS"] ?? "", 0o644);
      Object.assign(place.env, { PADDLE_WEBHOOK_SECRETS: undefined, PADDLE_WEBHOOK_SECRETS_FILE: path });
    },
    {
      level: "warning",
      says: /webhook-secret holds a secret and can be read by every user/,
      fix: /chmod o-r/,
    },
  ],
  [
    "a certificate that has ended",
    tls(Date.now() - 30 * DAY_MS, 1),
    { level: "failed", says: /its certificate ended on 20/, fix: /renew the certificate, and restart/ },
  ],
  [
    "a certificate that does not hold yet",
    tls(Date.now() + 3 * DAY_MS, 90),
    { level: "failed", says: /its certificate holds from 20.* on/, fix: /this machine's clock/ },
  ],
  [
    "a certificate that ends soon",
    tls(Date.now(), 9),
    { level: "warning", says: /its certificate ends on 20.*, in 8 days/, fix: /renew the certificate/ },
  ],
  [
    "a certificate with another one's key",
    tls(Date.now(), 90, false),
    { level: "failed", says: /listeners\.public\.tls\.keyFile holds another key/ },
  ],
  [
    "a Paddle that cannot be reached",
    environment({ PADDLE_API_URL: "http://127.0.0.1:1" }),
    { level: "failed", says: /no connection to http:\/\/127\.0\.0\.1:1 .*check DNS, firewall and TLS/ },
  ],
  [
    "something else in the place of Paddle",
    async (place, opened) => {
      const server = createServer((_request, response) =>
        response.writeHead(200).end("<html>welcome</html>"),
      );
      opened.defer(() => void server.close());
      await once(server.listen(0, "127.0.0.1"), "listening");
      place.env["PADDLE_API_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    { level: "failed", says: /not as documented/ },
  ],
];

describe("check", () => {
  it("finds nothing where everything is right, and says what it looked at", async () => {
    const { ok, text, faults } = await find(() => {});
    expect(faults).toEqual([]);
    expect(ok).toBe(true);
    expect(text).toContain("ok      billing: Paddle accepts apikey_");
    expect(text).toContain("ok      queue: Redis ");
    expect(text).toMatch(/\nall is well$/);
  });

  it.each(CONFIGURATION)("names %s, which ends it with 78", async (_fault, spoil, says) => {
    const { ok, exitCode, text } = await find(spoil);
    expect([ok, exitCode]).toEqual([false, 78]);
    expect(text).toMatch(/^failed {2}configuration: /);
    expect(text).toMatch(says);
  });

  it.concurrent.each(BROKEN)("names %s and its fix", async (_fault, spoil, { level, says, fix }) => {
    const { ok, text, faults } = await find(spoil);
    const named = faults.find(
      (fault) => says.test(fault.says) && (fix ?? /(?:)/).test(fault.fix ?? fault.says),
    );
    expect(named, text).toMatchObject({ level });
    expect(ok).toBe(faults.every((fault) => fault.level !== "failed"));
  });

  it("never asks Paddle with a pending secret, whose first use would activate it", async () => {
    await using place = await openCheckPlace(redis.url);
    await place.settle();
    const { id, secret } = place.active;
    const pending = place.paddle.rotateAsThief(secret, { activate: false });
    await place.write("billing.env", `ACTIVE_PADDLE_KEY=${secret}\nPENDING_PADDLE_KEY=${pending.secret}\n`);
    await place.check();
    expect(place.paddle.key(id).rotations.map(({ status }) => status)).toEqual(["pending"]);
  });

  it("writes nothing to Redis", async () => {
    await using own = await startRedisServer({ args: KEEPS });
    await using place = await openCheckPlace(own.url);
    await place.settle();
    expect(await place.check()).toMatchObject({ ok: true });
    const client = new Redis(own.url);
    expect(await client.dbsize()).toBe(0);
    client.disconnect();
  });

  it("finds a PostgreSQL well that can be used, and makes nothing there", async () => {
    await using place = await openCheckPlace(inject("postgresUrl"));
    await place.settle();
    place.env["QUEUE_PREFIX"] = uniquePrefix("check");
    const { ok, text } = await place.check();
    expect([ok, text]).toEqual([true, expect.stringMatching(/^ok {6}queue: PostgreSQL \d+ answers/m)]);
    const client = new Client(inject("postgresUrl"));
    await client.connect();
    const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [
      place.env["QUEUE_PREFIX"],
    ]);
    expect(rowCount).toBe(0);
    await client.end();
  });

  it("shows no secret", async () => {
    const { text } = await find((place) =>
      place.hold({ active: "CaNaRyLegacyKeyOfFiftyCharacters0123456789abcdefgh" }),
    );
    expect(text).not.toMatch(/CaNaRy|pdl_sdbx_apikey_/);
  });
});
