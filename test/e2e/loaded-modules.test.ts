/** What nobody uses costs nothing, neither at start nor in memory: clients of vaults and clouds, and a dashboard unseen. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { ADMIN_TOKEN, openSite } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";

const PRELOAD = resolve(import.meta.dirname, "../support/log-modules.ts");
const WARM_UP = resolve(import.meta.dirname, "../../docker/warm-up.mjs");
const CLIENTS = /\/node_modules\/(@aws-sdk|@smithy|@azure|@google-cloud|google-[\w-]+|@grpc|@kubernetes)\//;

/** @param yaml more keys */
async function startLogged(yaml = "") {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "modules-")), (path) =>
    rm(path, { recursive: true }),
  );
  const site = opened.use(
    await openSite({ env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() }, yaml }),
  );
  const log = join(folder, "modules");
  const service = await site.start({ env: { NODE_OPTIONS: `--import=${PRELOAD}`, LOADED_MODULES: log } });
  const owned = opened.move();
  return {
    service,
    modules: async () => (await readFile(log, "utf8")).trim().split("\n"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function modulesOf(yaml?: string): Promise<string[]> {
  await using started = await startLogged(yaml);
  return started.modules();
}

const clientsIn = (modules: readonly string[]) => {
  return new Set(modules.flatMap((url) => CLIENTS.exec(url)?.[1] ?? []));
};

let logged: Promise<string[]> | null = null;
/** Of one process, which serves several tests. */
const onFiles = () => (logged ??= modulesOf());

describe("a service that is ready", () => {
  it("has loaded no client of a platform where every key is in an env file", async () => {
    const modules = await onFiles();
    expect(modules.some((url) => url.includes("/src/stores/env-file/"))).toBe(true);
    expect(modules.some((url) => url.includes("/node_modules/fastify/"))).toBe(true);
    expect([...clientsIn(modules)]).toEqual([]);
  });

  it("has loaded the client of the one platform that a key is kept on", async () => {
    const store =
      "{ type: google-secret-manager, project: acme-billing, secret: key, credentialsFile: ./none.json }";
    const clients = clientsIn(await modulesOf(`  - name: elsewhere\n    store: ${store}`));
    expect(clients).toContain("@google-cloud");
    for (const other of ["@aws-sdk", "@azure", "@kubernetes"]) expect(clients).not.toContain(other);
  });

  it("has loaded nothing that only a look at the queues needs, and shows them to the first who looks", async () => {
    await using started = await startLogged();
    const isBoard = (url: string) => /\/node_modules\/(@bull-board|@fastify\/static|ejs|lodash)\//.test(url);
    expect((await started.modules()).filter(isBoard)).toEqual([]);
    const answer = await fetch(`${started.service.adminUrl}/queues/api/queues`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await answer.json()).toMatchObject({ queues: [{ name: "rotations" }, {}, {}, {}] });
    expect((await started.modules()).some(isBoard)).toBe(true);
  });

  it.each([
    // Whoever imports node:http gets it.
    ["Node's own fetch", /^node:internal\/deps\/undici$/],
    ["the rest of undici", /\/undici\/index\.js$/],
    ["a compiler of JSON schemas", /\/node_modules\/ajv\/dist\/ajv\.js$/],
  ])("has not loaded %s", async (_what, address) => {
    expect((await onFiles()).filter((url) => address.test(url))).toEqual([]);
  });
});

describe("what is compiled while the image is built", () => {
  it("is all TypeScript that a start needs: Node's compiler would cost it 20 MB", async () => {
    await using opened = new AsyncDisposableStack();
    const cache = opened.adopt(await mkdtemp(join(tmpdir(), "compiled-")), (path) =>
      rm(path, { recursive: true }),
    );
    await promisify(execFile)(process.execPath, [WARM_UP], { env: { NODE_COMPILE_CACHE: cache } });
    const site = opened.use(
      await openSite({ env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() } }),
    );
    await site.start({ env: { NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" } });
    const looked = (await site.output())
      .split("\n")
      .filter((line) => / StrippedTypeScript .*\.\.\. /.test(line));
    expect(looked.length).toBeGreaterThan(200);
    expect(looked.filter((line) => !line.includes("success"))).toEqual([]);
  });
});
