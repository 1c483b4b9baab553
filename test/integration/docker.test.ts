/** The helpers of docker/ as processes, without an engine: where one is, docker/verify runs all of it for real. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { readCompose } from "../unit/docker/files.ts";
import { read } from "../unit/config/sources.ts";
import { freePort, startOwned } from "../support/owned-process.ts";
import { selfSignedCertificate } from "../support/stores/self-signed-certificate.ts";
import { redisExecutable } from "../support/redis-executable.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ENDPOINT_SECRET = "pdl_ntfset_01hexample_secretKeySecretKey";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-docker-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function run(
  file: string,
  args: readonly string[],
  { input = "", env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
) {
  const child = spawn(file, args, { cwd: ROOT, env: { PATH: process.env["PATH"], ...env } });
  child.stdin.on("error", () => undefined).end(input);
  const [[code], printed, complained] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: Number(code), printed, complained };
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe("docker/make-secrets", () => {
  const make = (folder: string, input?: string) =>
    run("docker/make-secrets", [folder], input === undefined ? {} : { input });

  it("makes every secret of docker-compose.yml, readable in a folder that nobody else may enter", async () => {
    const folder = join(await temporaryFolder(), "secrets");
    expect((await make(folder, `${ENDPOINT_SECRET}\n`)).code).toBe(0);
    const named = Object.values(readCompose().secrets).map(({ file = "" }) => file.split("/").at(-1) ?? "");
    expect((await readdir(folder)).toSorted()).toEqual(named.toSorted());
    expect(await modeOf(folder)).toBe(0o700);
    // Whoever made them puts other values in, such as the address of a queue of their own.
    for (const file of await readdir(folder)) expect(await modeOf(join(folder, file)), file).toBe(0o644);
  });

  it("makes secrets that go into a header as they are: the Prometheus operator sends every byte of them", async () => {
    const folder = join(await temporaryFolder(), "secrets");
    await make(folder, `${ENDPOINT_SECRET}\n`);
    for (const file of await readdir(folder))
      expect(await readFile(join(folder, file), "utf8"), file).toMatch(/^[\x21-\x7e]+$/);
  });

  it("makes secrets that the service accepts, and Redis's twice the same", async () => {
    const folder = join(await temporaryFolder(), "secrets");
    await make(folder, `${ENDPOINT_SECRET}\n`);
    const of = (name: string) => readFile(join(folder, name), "utf8");
    const env = {
      QUEUE_URL: await of("queue-url"),
      PADDLE_WEBHOOK_SECRETS: await of("paddle-webhook-secrets"),
      ADMIN_USER: "operator",
      ADMIN_PASSWORD: await of("admin-password"),
      ADMIN_TOKEN: await of("admin-token"),
      ADMIN_VIEWER_TOKEN: await of("admin-viewer-token"),
    };
    expect(read({ env }).queue.kind).toBe("redis");
    expect(new URL(env.QUEUE_URL).password).toBe(await of("redis-password"));
  });

  it("keeps what is there, so that it may run again", async () => {
    const folder = join(await temporaryFolder(), "secrets");
    await make(folder, `${ENDPOINT_SECRET}\n`);
    const before = await readFile(join(folder, "queue-url"), "utf8");
    const again = await make(folder);
    expect(again.code).toBe(0);
    expect(again.printed).not.toContain("made");
    expect(await readFile(join(folder, "queue-url"), "utf8")).toBe(before);
  });

  it("says what is missing where nobody brings the endpoint secret, and prints no secret", async () => {
    const folder = join(await temporaryFolder(), "secrets");
    const { code, printed, complained } = await make(folder, "wrong-and-secret\n");
    expect(code).toBe(1);
    expect(complained).toContain("begins with pdl_ntfset_");
    expect(printed + complained).not.toContain("wrong-and-secret");
    expect(printed).not.toContain(await readFile(join(folder, "redis-password"), "utf8"));
  });
});

describe("docker/put-key.mjs", () => {
  /** As in the container, but for the folder. */
  async function put(folder: string, name: string, input: string) {
    const script = (await readFile(join(ROOT, "docker/put-key.mjs"), "utf8")).replace("/srv/keys", folder);
    const file = join(await temporaryFolder(), "put-key.mjs");
    await writeFile(file, script);
    return run(process.execPath, [file, name], { input });
  }

  it("writes a new env file for its owner alone", async () => {
    const folder = await temporaryFolder();
    expect((await put(folder, "billing.env", "ACTIVE_PADDLE_KEY=pdl_x\n")).code).toBe(0);
    expect(await readFile(join(folder, "billing.env"), "utf8")).toBe("ACTIVE_PADDLE_KEY=pdl_x\n");
    expect(await modeOf(join(folder, "billing.env"))).toBe(0o600);
  });

  it("never writes over a key that is there", async () => {
    const folder = await temporaryFolder();
    await put(folder, "billing.env", "ACTIVE_PADDLE_KEY=pdl_first\n");
    const { code, complained } = await put(folder, "billing.env", "ACTIVE_PADDLE_KEY=pdl_second\n");
    expect(code).toBe(1);
    expect(complained).toContain("is there already");
    expect(await readFile(join(folder, "billing.env"), "utf8")).toContain("pdl_first");
  });

  it.each([
    ["a name that leaves the folder", "../billing.env", "ACTIVE_PADDLE_KEY=pdl_x\n"],
    ["nothing", "billing.env", ""],
    ["a key without its variable", "billing.env", "pdl_x\n"],
  ])("refuses %s and writes nothing", async (_what, name, input) => {
    const folder = await temporaryFolder();
    const { code, complained } = await put(folder, name, input);
    expect(code).toBe(1);
    expect(complained).not.toContain("pdl_x");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("docker/healthcheck.mjs", () => {
  it.each([
    [200, 0],
    [503, 1],
  ])("takes %i of the admin listener for %i", async (status, code) => {
    const server = createServer((_request, response) => response.writeHead(status).end()).listen(
      0,
      "127.0.0.1",
    );
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const answer = await run(process.execPath, ["docker/healthcheck.mjs"], {
      env: { ADMIN_PORT: String(port) },
    });
    expect(answer.code).toBe(code);
  });

  it.each([
    [200, 0],
    [503, 1],
  ])(
    "takes %i of an admin listener that speaks TLS for %i, whoever signed its certificate",
    async (status, code) => {
      const server = createTlsServer(selfSignedCertificate(), (_request, response) =>
        response.writeHead(status).end(),
      ).listen(0, "127.0.0.1");
      onTestFinished(() => void server.close());
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const env = { ADMIN_PORT: String(port) };
      expect((await run(process.execPath, ["docker/healthcheck.mjs"], { env })).code).toBe(code);
    },
  );

  it("takes silence for illness", async () => {
    const env = { ADMIN_PORT: String(await freePort()) };
    expect((await run(process.execPath, ["docker/healthcheck.mjs"], { env })).code).toBe(1);
  });
});

describe("the Redis of docker-compose.yml", () => {
  it("asks for the password of its file, keeps everything and shows the password in no process list", async () => {
    const folder = await temporaryFolder();
    const password = "0123456789abcdef";
    await writeFile(join(folder, "redis_password"), password);
    const port = await freePort();
    const [shell = "", flags = "", script = ""] = readCompose().services["redis"]?.entrypoint ?? [];
    const here = script
      .replaceAll("$$", "$")
      .replace("/run/secrets/", `${folder}/`)
      .replace("/etc/redis/", `${ROOT}/docker/`)
      .replace("exec redis-server", `exec ${redisExecutable()}`)
      .replace(/\nEND/, `\nport ${port}\nbind 127.0.0.1\nEND`);
    await mkdir(join(folder, "data"));
    await chmod(folder, 0o755);
    const connect = (secret: string) => {
      const client = new Redis({ port, password: secret, lazyConnect: true, retryStrategy: () => null });
      client.on("error", () => undefined);
      onTestFinished(() => client.disconnect());
      return client;
    };
    const server = await startOwned(
      { file: shell, args: [flags, here], options: { cwd: join(folder, "data") } },
      () =>
        connect(password)
          .ping()
          .then(
            () => true,
            () => false,
          ),
    );
    onTestFinished(() => server.end("SIGTERM"));

    const client = connect(password);
    expect(await client.config("GET", "appendonly")).toEqual(["appendonly", "yes"]);
    expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    await expect(connect("wrong-password").ping()).rejects.toThrow();
    expect(await readFile(`/proc/${server.pid}/cmdline`, "utf8")).not.toContain(password);
  });
});

describe("docker/verify", () => {
  it("says why it verifies nothing where there is no engine, and stands in nobody's way", async () => {
    const { code, printed } = await run("docker/verify", [], {
      env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    expect(code).toBe(0);
    expect(printed).toMatch(/^not verified: .*docker/i);
  });
});
