/** Who keeps keys in files pays nothing for the clients of vaults and clouds: neither at start nor in memory. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { openSite } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";

const PRELOAD = resolve(import.meta.dirname, "../support/log-modules.ts");
const CLIENTS = /\/node_modules\/(@aws-sdk|@smithy|@azure|@google-cloud|google-[\w-]+|@grpc|@kubernetes)\//;

/** @param yaml more keys */
async function modulesOf(yaml = ""): Promise<string[]> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "modules-")), (path) =>
    rm(path, { recursive: true }),
  );
  const site = opened.use(
    await openSite({ env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() }, yaml }),
  );
  const log = join(folder, "modules");
  await site.start({ env: { NODE_OPTIONS: `--import=${PRELOAD}`, LOADED_MODULES: log } });
  return (await readFile(log, "utf8")).trim().split("\n");
}

const clientsIn = (modules: readonly string[]) => {
  return new Set(modules.flatMap((url) => CLIENTS.exec(url)?.[1] ?? []));
};

describe("a service that is ready", () => {
  it("has loaded no client of a platform where every key is in an env file", async () => {
    const modules = await modulesOf();
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
});
