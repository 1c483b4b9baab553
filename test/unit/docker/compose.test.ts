/** docker-compose.yml keeps what docs/deployment.md promises. No engine is needed: docker/verify runs it where one is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { Environment } from "../../../src/config/environment.ts";
import { read } from "../config/sources.ts";
import { readCompose, ROOT, type Service, stopDeadlineSeconds, textOf } from "./files.ts";

const { services, networks, volumes, secrets } = readCompose();
const all = Object.entries(services);
const service = (name: string): Service => {
  const found = services[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
};
/** As Compose has it where nobody sets the variable. */
const byDefault = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
const secretOf = (secret: string | { source: string }) =>
  typeof secret === "string" ? secret : secret.source;
const sourceOf = (volume: string | { source: string }) =>
  typeof volume === "string" ? (byDefault(volume).split(":")[0] ?? "") : byDefault(volume.source);
/** What the operator brings; .gitignore keeps it out of the repository. */
const OPERATORS = ["./rotator.yaml"];

describe.each(all)("the container %s", (_name, container) => {
  it("may do nothing that it need not", () => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      init: true,
    });
    for (const opening of ["privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"])
      expect(container).not.toHaveProperty(opening);
    expect(JSON.stringify(container)).not.toContain("docker.sock");
  });

  it("runs as a user of its own, given as a number", () => {
    expect(container.user).toMatch(/^[1-9]\d*:\d+$/);
  });

  it("has limits on processor, memory and processes, and on what its log takes", () => {
    expect(container.deploy?.resources.limits).toBeDefined();
    expect(container).toMatchObject({ logging: { options: { "max-size": "10m", "max-file": "5" } } });
  });

  it("says whether it is well, unless it does one thing and ends", () => {
    if (container.profiles.includes("setup")) expect(container.healthcheck?.disable).toBe(true);
    else expect(container.healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it("comes of an image with a version", () => {
    const image = byDefault(container.image);
    expect(image).toMatch(/:[\w.-]+$/);
    expect(image).not.toMatch(/:latest$/);
  });

  it("gets secrets as files alone", () => {
    for (const [name, value] of Object.entries(container.environment)) {
      if (/SECRET|PASSWORD|TOKEN|QUEUE_URL/.test(name)) expect(name).toMatch(/_FILE$/);
      if (name.endsWith("_FILE")) expect(value).toMatch(/^\/run\/secrets\//);
      if (value.startsWith("/run/secrets/"))
        expect(container.secrets.map(secretOf), name).toContain(value.slice("/run/secrets/".length));
    }
    for (const name of container.secrets.map(secretOf)) expect(Object.keys(secrets)).toContain(name);
  });

  it("mounts only what there is", () => {
    for (const source of container.volumes.map(sourceOf)) {
      if (!source.startsWith(".")) expect(Object.keys(volumes)).toContain(source);
      else if (!OPERATORS.includes(source)) expect(existsSync(join(ROOT, source)), source).toBe(true);
    }
  });

  it("is published on this machine only, if at all", () => {
    for (const port of container.ports) expect(byDefault(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });
});

describe("docker-compose.yml", () => {
  it("keeps Redis on a network without a way out, unpublished, with a password that no process list shows", () => {
    const redis = service("redis");
    expect(redis.ports).toEqual([]);
    expect(redis.networks).toEqual(["queue"]);
    expect(networks["queue"]?.internal).toBe(true);
    const script = redis.entrypoint?.at(-1) ?? "";
    expect(script).toMatch(/redis-server - <<END/);
    expect(script).toContain("requirepass $$(cat /run/secrets/redis_password)");
  });

  it("gives Redis twice the memory that its data may take", () => {
    const [, megabytes = ""] = /^maxmemory (\d+)mb$/m.exec(textOf("docker/redis.conf")) ?? [];
    const limit = service("redis").deploy?.resources.limits.memory ?? "";
    expect(Number(limit.replace(/M$/, ""))).toBeGreaterThanOrEqual(2 * Number(megabytes));
  });

  it("lets only the service meet Redis", () => {
    const inside = all.filter(([, { networks: joined }]) => joined.includes("queue")).map(([name]) => name);
    expect(inside.toSorted()).toEqual(["redis", "rotator"]);
  });

  it("waits longer before it kills the service than the service takes to stop", () => {
    const patience = Number(service("rotator").stop_grace_period?.replace(/s$/, ""));
    expect(patience).toBeGreaterThan(stopDeadlineSeconds());
  });

  it("names only variables that the configuration knows", () => {
    const known = Object.keys(Environment.shape);
    for (const name of Object.keys(service("rotator").environment))
      expect(known, name).toContain(name.replace(/_FILE$/, ""));
  });

  it("sets what the service needs: it starts with this environment", () => {
    const env = Object.fromEntries(
      Object.entries(service("rotator").environment).map(([name, value]) => [name, byDefault(value)]),
    );
    const token = "0123456789abcdef0123456789abcdef";
    const files = {
      "/etc/rotator/rotator.yaml": textOf("docker/demo/demo.yaml"),
      "/run/secrets/queue_url": "redis://:password@redis:6379/0\n",
      "/run/secrets/paddle_webhook_secrets": "pdl_ntfset_01hexample_secretKeySecretKey\n",
      "/run/secrets/admin_password": `${token}\n`,
      "/run/secrets/admin_token": `${token}\n`,
      "/run/secrets/admin_viewer_token": `${token.toUpperCase()}\n`,
    };
    const image = { CONFIG_FILE: "/etc/rotator/rotator.yaml", ADMIN_HOST: "0.0.0.0" };
    const config = read({ env: { ...image, PADDLE_WEBHOOK_SECRETS: undefined, ...env }, files });
    expect(config.queue.kind).toBe("redis");
  });

  it("makes every secret of a file in one folder that one variable moves", () => {
    for (const [name, { file }] of Object.entries(secrets))
      expect(file).toBe(`\${SECRETS_DIR:-./secrets}/${name.replaceAll("_", "-")}`);
  });

  it("starts the service and Redis alone, unless more is asked for", () => {
    const plain = all.filter(([, { profiles }]) => profiles.length === 0).map(([name]) => name);
    expect(plain.toSorted()).toEqual(["redis", "rotator"]);
    expect([...new Set(all.flatMap(([, { profiles }]) => profiles))].toSorted()).toEqual([
      "demo",
      "observability",
      "setup",
    ]);
  });

  it("has Prometheus ask the service where it is, with the token that it is given", () => {
    const scrape = JSON.stringify(parse(textOf("docker/prometheus/prometheus.yml")));
    expect(scrape).toContain('"targets":["rotator:9090"]');
    expect(scrape).toContain('"credentials_file":"/run/secrets/rotator-admin-token"');
    expect(service("prometheus").secrets).toEqual([
      { source: "admin_viewer_token", target: "rotator-admin-token" },
    ]);
  });
});

describe("the demo's environment", () => {
  const names = [...textOf("docker/demo/demo.env").matchAll(/^(\w+)=(.*)$/gm)];

  it("sets only what docker-compose.yml asks for, and has volumes of its own", () => {
    const asked = [...textOf("docker-compose.yml").matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    for (const [, name = ""] of names) if (!name.startsWith("COMPOSE_")) expect(asked, name).toContain(name);
    expect(names.map(([, name]) => name)).toContain("COMPOSE_PROJECT_NAME");
  });

  it("names files that are there", () => {
    const [, , config = ""] = names.find(([, name]) => name === "ROTATOR_CONFIG") ?? [];
    expect(existsSync(join(ROOT, config))).toBe(true);
  });
});
