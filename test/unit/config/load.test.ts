/** What readConfig makes of an environment and a file. */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config/load.ts";
import { FILE, faultsOf, read, WEBHOOK_SECRET } from "./sources.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

describe("the configuration", () => {
  it("needs no more than a key's name and store, and a webhook secret", () => {
    const { webhook, ...config } = read();
    expect(config).toEqual({
      keys: [
        {
          name: "billing",
          store: {
            place: expect.anything(),
            type: "env-file",
            path: "/srv/rotator/secrets/billing.env",
            displayPath: "./secrets/billing.env",
            variables: {
              active: "ACTIVE_PADDLE_KEY",
              old: "OLD_PADDLE_KEY",
              pending: "PENDING_PADDLE_KEY",
              standby: "STANDBY_PADDLE_KEY",
            },
          },
          rotation: {
            everyMs: null,
            renewBeforeMs: 604_800_000,
            lifetimeMs: null,
            graceSeconds: 86_400,
            window: null,
            jitterMs: 0,
            onExposure: "revoke-first",
            foreignRotation: "alert",
            revokeFirstsPerHour: 3,
            overlapMs: 86_400_000,
          },
          standby: null,
          consumers: [],
          checks: [],
          alerts: null,
        },
      ],
      alerts: [],
      publicListener: { host: "0.0.0.0", port: 8080, tls: null },
      adminListener: {
        host: "127.0.0.1",
        port: 9090,
        tls: null,
        url: null,
        user: null,
        token: null,
        viewer: { user: null, token: null },
        proxy: null,
      },
      queue: { kind: "embedded", dataDir: "/srv/rotator/data", schema: "paddle_rotator" },
      paddle: { apiUrl: null, requestsPerMinute: 60 },
      reconcile: {
        everyMs: 900_000,
        silenceMs: 86_400_000,
        heartbeat: null,
        readWith: null,
        publicUrl: null,
      },
      retention: { auditMs: null },
      role: "all",
      logLevel: "info",
      logFormat: "auto",
    });
    expect(webhook.toleranceMs).toBe(5000);
    expect(webhook.secrets.map((secret) => secret.reveal())).toEqual([WEBHOOK_SECRET]);
  });

  it("takes everything that can be said", () => {
    const config = read({
      env: {
        CONFIG_FILE: "/etc/rotator/keys.yaml",
        HOST: "::",
        PORT: "80",
        ADMIN_HOST: "10.0.0.7",
        ADMIN_PORT: "81",
        ADMIN_USER: "ops",
        ADMIN_PASSWORD: "correct horse battery",
        ADMIN_TOKEN: TOKEN,
        QUEUE_URL: "rediss://:word@redis.internal:6380/2",
        QUEUE_PREFIX: "eu.rotator",
        QUEUE_ALLOW_EVICTION: "true",
        PADDLE_WEBHOOK_SECRETS: `${WEBHOOK_SECRET} , second-${WEBHOOK_SECRET},`,
        WEBHOOK_TOLERANCE: "1m",
        PADDLE_API_URL: "https://paddle.internal/proxy",
        PADDLE_REQUESTS_PER_MINUTE: "240",
        ROLE: "web",
        LOG_LEVEL: "trace",
      },
      files: {
        "/etc/rotator/keys.yaml":
          "keys: [{ name: a, store: { type: env-file, path: a.env, variables: { active: KEY } }, rotation: { lifetime: 90d, grace: 1h } }]",
      },
    });
    expect(config.keys).toMatchObject([
      {
        store: {
          path: "/etc/rotator/a.env",
          displayPath: "a.env",
          variables: { active: "KEY", old: "OLD_PADDLE_KEY" },
        },
        rotation: { lifetimeMs: 7_776_000_000, graceSeconds: 3600 },
      },
    ]);
    expect(config.publicListener).toEqual({ host: "::", port: 80, tls: null });
    expect(config.adminListener).toMatchObject({ host: "10.0.0.7", port: 81, user: { name: "ops" } });
    expect(config.adminListener.user?.password.reveal()).toBe("correct horse battery");
    expect(config.adminListener.token?.reveal()).toBe(TOKEN);
    expect(config.queue).toMatchObject({ kind: "redis", prefix: "eu.rotator", allowEviction: true });
    expect(config.queue.kind === "redis" && config.queue.url.reveal()).toBe(
      "rediss://:word@redis.internal:6380/2",
    );
    expect(config.webhook.secrets.map((secret) => secret.reveal())).toEqual([
      WEBHOOK_SECRET,
      `second-${WEBHOOK_SECRET}`,
    ]);
    expect(config.webhook.toleranceMs).toBe(60_000);
    expect(config.paddle.apiUrl?.href).toBe("https://paddle.internal/proxy");
    expect(config.paddle.requestsPerMinute).toBe(240);
    expect([config.role, config.logLevel]).toEqual(["web", "trace"]);
  });

  it("keeps the queue in a schema of PostgreSQL when the address says so", () => {
    const { queue } = read({ env: { QUEUE_URL: "postgres://queue.internal/jobs", QUEUE_PREFIX: "eu" } });
    expect(queue).toMatchObject({ kind: "postgres", schema: "eu" });
    expect(queue.kind === "postgres" && queue.url.reveal()).toBe("postgres://queue.internal/jobs");
  });

  it("counts a variable that is set to nothing as unset", () => {
    expect(read({ env: { PORT: "", ADMIN_USER: "", QUEUE_URL: " ", PORT_FILE: "" } })).toEqual(read());
  });

  it("is frozen in every part", () => {
    const config = read({
      env: {
        ADMIN_USER: "ops",
        ADMIN_PASSWORD: "correct horse battery",
        QUEUE_URL: "redis://redis.internal",
        PADDLE_API_URL: "https://paddle.internal",
      },
    });
    const parts = partsOf(config);
    expect(parts.length).toBeGreaterThan(12);
    expect(parts.filter((part) => !Object.isFrozen(part))).toEqual([]);
  });

  it("reads nothing but what it is given", () => {
    const paths: string[] = [];
    readConfig({
      env: { PADDLE_WEBHOOK_SECRETS: WEBHOOK_SECRET },
      cwd: "/elsewhere",
      readFile: (path) => {
        paths.push(path);
        return FILE;
      },
    });
    expect(paths).toEqual(["/elsewhere/rotator.yaml"]);
  });
});

describe("NAME_FILE", () => {
  it("gives a variable the text of a file, without the line break at its end", () => {
    for (const end of ["", "\n", "\r\n"]) {
      const config = read({ env: { ADMIN_TOKEN_FILE: "/run/token" }, files: { "/run/token": TOKEN + end } });
      expect(config.adminListener.token?.reveal()).toBe(TOKEN);
    }
  });

  it("starts at the working directory", () => {
    const given = { env: { PORT_FILE: "run/port" }, files: { "/srv/rotator/run/port": "1234\n" } };
    expect(read(given).publicListener.port).toBe(1234);
  });

  it("can name the place of the configuration file too", () => {
    const given = {
      env: { CONFIG_FILE_FILE: "/run/where" },
      files: { "/run/where": "/etc/r.yaml\n", "/etc/r.yaml": FILE },
    };
    expect(read(given).keys[0]?.store).toMatchObject({ path: "/etc/secrets/billing.env" });
  });

  it.each([
    ["ADMIN_TOKEN", "is set, and so is ADMIN_TOKEN_FILE; keep one of the two", { ADMIN_TOKEN: TOKEN }, TOKEN],
    ["ADMIN_TOKEN_FILE", "names a file that is empty", {}, "\n"],
    ["ADMIN_TOKEN_FILE", "names a file that does not exist", {}, { code: "ENOENT" }],
    ["ADMIN_TOKEN_FILE", "names a file that may not be read by this user", {}, { code: "EACCES" }],
    ["ADMIN_TOKEN_FILE", "names a file that is a folder", {}, { code: "EISDIR" }],
    ["ADMIN_TOKEN_FILE", "names a file that cannot be read (EIO)", {}, { code: "EIO" }],
  ])("is a fault when %s %s", (at, message, env, file) => {
    const given = { env: { ADMIN_TOKEN_FILE: "/run/token", ...env }, files: { "/run/token": file } };
    expect(faultsOf(given)).toEqual([`${at}: ${message}`]);
  });
});

function partsOf(value: object): object[] {
  const inner = Object.values(value).filter(
    (part): part is object => typeof part === "object" && part !== null,
  );
  return [value, ...inner.flatMap(partsOf)];
}
