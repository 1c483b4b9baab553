/** Three instances of an application as real processes, one of which does not listen: who has switched over is proved. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { z } from "zod";
import { freePort } from "../support/owned-process.ts";
import { ADMIN_TOKEN, openSite, type RunningService, type Site } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

const ENTRY = join(import.meta.dirname, "../support/sample-instance.ts");
const NAMES = ["one", "two", "three"] as const;
const STUBBORN = "three";
/** A person's choice, so that half of it is soon over. */
const GRACE_SECONDS = 24;
const SOON_MS = 60_000;
const ATTEST_TOKEN = "canary-attest-token-0123456789";

type Application = AsyncDisposable & { restart(name: string): Promise<void> };

/** Three processes, and in front of them what tells all of them and answers for all of them. */
async function startApplication(
  { ports, front: frontPort = 0 }: { readonly ports: readonly number[]; readonly front?: number },
  envOf: (name: string) => Record<string, string>,
): Promise<Application> {
  await using opened = new AsyncDisposableStack();
  const urls = await Promise.all(
    NAMES.map(async (name, index) => {
      const PORT = String(ports[index]);
      const child = spawn(process.execPath, [ENTRY], {
        stdio: ["ignore", "pipe", "inherit"],
        env: { PATH: process.env["PATH"], PORT, INSTANCE: name, ...envOf(name) },
      });
      opened.defer(() => void child.kill("SIGKILL"));
      await once(child.stdout, "data");
      return `http://127.0.0.1:${PORT}`;
    }),
  );
  const askAll = (path: string) =>
    Promise.all(urls.map(async (url) => (await fetch(url + path, { method: "POST" })).json()));
  const front = createServer((request, response) => {
    void askAll(request.method === "POST" ? "/reload" : "/key").then((instances) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ instances }));
    });
  });
  await once(front.listen(frontPort, "127.0.0.1"), "listening");
  opened.defer(() => void front.close());
  const owned = opened.move();
  return {
    async restart(name) {
      await fetch(`${urls[NAMES.findIndex((candidate) => candidate === name)]}/restart`, { method: "POST" });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const open = (yaml: string) =>
  openSite({
    env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    graceSeconds: 600,
    yaml,
  });

const asAdmin = (service: RunningService, path: string, init: RequestInit = {}) =>
  fetch(`${service.adminUrl}/api/keys/billing-worker${path}`, {
    ...init,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
  });

const Detail = z.object({
  state: z.string(),
  switchOver: z
    .object({
      consumers: z.array(
        z.object({
          name: z.string(),
          state: z.string(),
          instances: z.array(z.object({ id: z.string(), state: z.string() })),
        }),
      ),
    })
    .nullable(),
});

async function consumerOf(service: RunningService) {
  const { switchOver } = Detail.parse(await (await asAdmin(service, "")).json());
  return switchOver?.consumers[0];
}

const Line = z.object({ alert: z.object({ kind: z.string(), happened: z.string() }) });

async function alertsOf(site: Site) {
  const lines = (await site.output()).split("\n").filter((line) => line.includes('"alert"'));
  return lines.flatMap((line) => Line.safeParse(JSON.parse(line)).data?.alert ?? []);
}

const alerted = (site: Site, kind: string) =>
  until(
    `the alert ${kind}`,
    async () => (await alertsOf(site)).find((alert) => alert.kind === kind),
    SOON_MS,
  );

/** What an operator sees of one rotation in whose grace an instance lags and is restarted. */
async function rotate(site: Site, service: RunningService, restart: () => Promise<void>): Promise<void> {
  const body = JSON.stringify({ mode: "graceful", graceSeconds: GRACE_SECONDS });
  expect((await asAdmin(service, "/rotations", { method: "POST", body })).status).toBe(202);

  const lag = await alerted(site, "consumers-lag");
  expect(lag.happened).toMatch(/^billing \(three\) still use/);
  expect(await consumerOf(service)).toMatchObject({ name: "billing", state: "under-way" });

  await restart();
  await alerted(site, "consumers-switched");
  expect(await consumerOf(service)).toMatchObject({ state: "proved" });

  await until("the old secret is retired", async () => !(await site.secret("OLD_PADDLE_KEY")), SOON_MS);
  const ended = async () => (await site.output()).includes('"msg":"audit record"');
  await until("the rotation has ended", ended, SOON_MS);
  expect((await alertsOf(site)).map(({ kind }) => kind)).toEqual(["consumers-lag", "consumers-switched"]);
  const printed = await site.output();
  for (const secret of [...site.secrets(), ATTEST_TOKEN]) expect(printed).not.toContain(secret);
}

const portsOfThree = () => Promise.all([freePort(), freePort(), freePort()]);

it.concurrent(
  "an application that is told and asked: two instances are proved, the third is named at half of the grace, and its restart ends the matter",
  async () => {
    const front = await freePort();
    const secret = `whsec_${Buffer.from("a notification secret of 32 byte").toString("base64")}`;
    await using site = await open(
      `    consumers: [{ name: billing, type: http, notify: "http://127.0.0.1:${front}/reload", verify: "http://127.0.0.1:${front}/key", secret: ${secret}, expect: 3, refresh: 1s, timeout: 1s }]`,
    );
    const ports = await portsOfThree();
    await using application = await startApplication({ ports, front }, (name) => ({
      KEY_FILE: site.envFile,
      ...(name === STUBBORN && { STUBBORN: "1" }),
    }));
    const service = await site.start();
    await rotate(site, service, () => application.restart(STUBBORN));
  },
  90_000,
);

it.concurrent(
  "an application whose instances attest: the one that holds on to the former secret keeps it from being proved",
  async () => {
    await using site = await open(
      `    consumers: [{ name: billing, type: none, attest: { token: ${ATTEST_TOKEN}, expect: 3 }, refresh: 1s, timeout: 1s }]`,
    );
    const service = await site.start();
    const ports = await portsOfThree();
    await using application = await startApplication({ ports }, (name) => ({
      KEY_FILE: site.envFile,
      ATTEST_URL: `${service.publicUrl}/attestations`,
      ATTEST_TOKEN,
      CONSUMER: "billing",
      ...(name === STUBBORN && { STUBBORN: "1" }),
    }));
    await rotate(site, service, () => application.restart(STUBBORN));
  },
  90_000,
);
