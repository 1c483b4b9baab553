/** A service that cannot start says why and ends; it does not hang, and does not half work. */
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, inject, it } from "vitest";
import { freePort } from "../support/owned-process.ts";
import { openSite, type SiteOptions } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";

const onRedis = () => ({ QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() });

/** How the process ends, and the last it says. */
async function startInVain(site: SiteOptions, env: Record<string, string> = {}) {
  await using opened = await openSite(site);
  const service = await opened.start({ waitUntilReady: false, env });
  const ended = await service.ended;
  return { ended, says: (await opened.output()).trimEnd().split("\n").at(-1) ?? "" };
}

it.each(["PORT", "ADMIN_PORT"])(
  "names the address where another process listens, and %s",
  async (variable) => {
    const port = await freePort();
    await using server = createServer();
    await once(server.listen(port, "127.0.0.1"), "listening");
    const { ended, says } = await startInVain({ env: onRedis() }, { [variable]: String(port) });
    expect(ended).toBe(1);
    expect(says).toContain("the service could not start");
    expect(says).toContain(
      `another process listens at 127.0.0.1:${port} (EADDRINUSE): end it, or set another ${variable}"`,
    );
  },
);

it("names the address that this machine does not have, and ADMIN_HOST", async () => {
  // Of a network for examples in documents (RFC 5737).
  const { ended, says } = await startInVain({ env: onRedis() }, { ADMIN_HOST: "192.0.2.1" });
  expect(ended).toBe(1);
  expect(says).toContain("192.0.2.1 is no address of this machine: correct ADMIN_HOST");
});

it.each(["public", "admin"])(
  "names the setting of a certificate that is not there, for the %s listener, before anything is opened",
  async (listener) => {
    const tls = "{ certFile: ./server.pem, keyFile: ./server.key }";
    const { ended, says } = await startInVain({
      // Nothing listens there: whoever asked for it would wait.
      env: { QUEUE_URL: `postgres://127.0.0.1:${await freePort()}/rotator` },
      yaml: `listeners: { ${listener}: { tls: ${tls} } }`,
    });
    expect(ended).toBe(78);
    expect(says).toContain(`listeners.${listener}.tls.certFile names a file that does not exist`);
  },
);

it("names the PostgreSQL that does not answer, and what to look at", async () => {
  const port = await freePort();
  const { ended, says } = await startInVain({
    env: { QUEUE_URL: `postgres://rotator:canary-password@127.0.0.1:${port}/rotator` },
  });
  expect(ended).toBe(1);
  expect(says).toContain(
    `PostgreSQL does not answer (ECONNREFUSED), at 127.0.0.1:${port}: check that it runs, and the host and port in QUEUE_URL`,
  );
  expect(says).not.toContain("canary-password");
});
