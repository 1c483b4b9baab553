/**
 * `npm run rotator -- <command>`: the operator's hands. Reads the same configuration as the service;
 * `status` and `rotate` ask the running service through its admin listener.
 * Exit codes: 0 done, 1 refused or unreachable, 2 the command line is at fault, 78 the configuration is.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { ADAPTERS } from "./compose.ts";
import type { Config } from "./config/config.ts";
import { readConfig } from "./config/load.ts";
import { parseDuration } from "./core/duration.ts";
import { ConfigError } from "./core/errors.ts";

const USAGE = `usage: npm run rotator -- <command> [--json]

  check                             reads the configuration and looks at every store
  status                            what the running service knows of its keys
  rotate <name> [--grace <time>]    has the running service rotate a key, e.g. --grace 1h
`;

/** What a command prints for people, and the same for programs. */
type Answer = { readonly ok: boolean; readonly text: string; readonly json: unknown };

class UsageError extends Error {}

async function check(config: Config): Promise<Answer> {
  const findings = await Promise.all(
    config.keys.map(async ({ name, store: options }) => {
      const store = ADAPTERS.openStore(options);
      try {
        const { slots } = await store.read();
        await store.checkWritable();
        const fault = slots.active ? null : "holds no active secret: put a rotatable Paddle API key there";
        return { name, location: store.location, fault };
      } catch (error) {
        return { name, location: store.location, fault: error instanceof Error ? error.message : "failed" };
      }
    }),
  );
  const lines = findings.map(({ name, location, fault }) =>
    fault === null ? `ok      ${name}: ${location}` : `failed  ${name}: ${fault}`,
  );
  const ok = findings.every(({ fault }) => fault === null);
  return { ok, text: ["ok      configuration", ...lines].join("\n"), json: { ok, keys: findings } };
}

const KeyList = z.object({
  keys: z.array(z.object({ name: z.string(), state: z.string(), explanation: z.string() })),
});

async function status(config: Config): Promise<Answer> {
  const json = await askService(config, "GET", "/api/keys");
  const { keys } = KeyList.parse(json);
  const lines = keys.map(({ name, state, explanation }) => `${name}: ${state}. ${explanation}`);
  return { ok: true, text: lines.join("\n"), json };
}

async function rotate(config: Config, name: string | undefined, grace: string | undefined): Promise<Answer> {
  if (name === undefined) throw new UsageError("rotate needs the name of a key");
  const graceMs = grace === undefined ? undefined : parseDuration(grace);
  if (graceMs === null) throw new UsageError("--grace takes a time such as 0, 30m or 24h");
  const json = await askService(config, "POST", `/api/keys/${encodeURIComponent(name)}/rotations`, {
    mode: "graceful",
    ...(graceMs !== undefined && { graceSeconds: graceMs / 1000 }),
  });
  const { jobId } = z.object({ jobId: z.string() }).parse(json);
  return { ok: true, text: `${name} will be rotated by the job ${jobId}`, json };
}

/** One request to the admin listener. Throws Error with the service's own words if it refuses. */
async function askService(config: Config, method: string, path: string, body?: unknown): Promise<unknown> {
  const { host, port } = config.adminListener;
  const address = `http://${urlHost(host)}:${port}`;
  const answer = await fetch(address + path, {
    method,
    headers: { ...signIn(config), ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.timeout(20_000),
  }).catch((cause: unknown) => {
    throw new Error(
      `the service does not answer at ${address}: is it running, and is ADMIN_PORT the same here?`,
      {
        cause,
      },
    );
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok) return content;
  const problem = z.object({ title: z.string(), detail: z.string().optional() }).safeParse(content);
  const why = problem.success ? (problem.data.detail ?? problem.data.title) : "no reason was given";
  throw new Error(`the service answered ${answer.status}: ${why}`);
}

/** A listener on every address is reached on this machine's own. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function signIn({ adminListener: { token, user } }: Config): Record<string, string> {
  if (token) return { authorization: `Bearer ${token.reveal()}` };
  if (!user) return {};
  const pair = Buffer.from(`${user.name}:${user.password.reveal()}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, grace: { type: "string" } },
  });
  const [command, name] = positionals;
  const commands: Record<string, (config: Config) => Promise<Answer>> = {
    check,
    status,
    rotate: (config) => rotate(config, name, values.grace),
  };
  const act = commands[command ?? ""];
  if (!act)
    throw new UsageError(command === undefined ? "a command is needed" : `there is no command ${command}`);
  const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
  const answer = await act(config);
  console.log(values.json ? JSON.stringify(answer.json) : answer.text);
  return answer.ok ? 0 : 1;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.exitCode = isUsage ? 2 : error instanceof ConfigError ? 78 : 1;
  console.error(error instanceof Error ? error.message : String(error));
  if (isUsage) console.error(`\n${USAGE}`);
}
