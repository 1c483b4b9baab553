/** Every environment variable that the service knows, with its default: names that operators rely on. */
import { z } from "zod";
import { joinedFaults } from "./environment-rules.ts";
import { type Fault, formatPath, type Parsed } from "./faults.ts";
import { duration, host, oneOf, port, secret, text, wholeNumber } from "./fields.ts";
import { isLoopback } from "./loopback.ts";
import { misspelt } from "./misspelt.ts";
import { queueUrl } from "./queue-url.ts";
import type { Variables } from "./variables.ts";
import { webhookSecrets } from "./webhook-secrets.ts";

const MIN_PASSWORD = 12;
const MIN_TOKEN = 32;

const CONTROL_CHARACTER = /\p{Cc}/u;

const password = secret(
  `at least ${MIN_PASSWORD} characters, with no white space around them and no control characters`,
  (chosen) => chosen.length >= MIN_PASSWORD && chosen.trim() === chosen && !CONTROL_CHARACTER.test(chosen),
);

/** Goes into a header as it is. */
const token = secret(
  `at least ${MIN_TOKEN} letters, digits and ASCII signs without white space; make one with: openssl rand -hex 32`,
  (chosen) => chosen.length >= MIN_TOKEN && /^[\x21-\x7e]+$/.test(chosen),
);

/** RFC 7617: a colon ends the name. */
const userName = text("a name without colons", (name) => !/[:\p{Cc}]/u.test(name));

/** Where the pages are for people, to be put in front of their paths. */
const adminUrl = text(
  "an http:// or https:// address such as https://rotator.internal: no user, password, path, ? or #",
  (input) => {
    const url = URL.parse(input);
    if (!url || url.username || url.password || url.pathname !== "/" || /[?#]/.test(input)) return false;
    return url.protocol === "https:" || url.protocol === "http:";
  },
).transform((input) => new URL(input).origin);

/** The address in the place of Paddle's own. API keys are sent to it. */
const paddleApiUrl = text(
  "an https:// address (http:// only on this machine) with at most a path: no user, password, ? or #",
  (input) => {
    const url = URL.parse(input);
    if (!url || url.username || url.password || /[?#]/.test(input)) return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
).transform((input): Readonly<URL> => new URL(input));

export const DEFAULT_CONFIG_FILE = "./rotator.yaml";

/** Defaults are written as an operator would write them. */
const VARIABLES = {
  CONFIG_FILE: z.string().trim().prefault(DEFAULT_CONFIG_FILE),
  HOST: host.prefault("0.0.0.0"),
  PORT: port.prefault("8080"),
  ADMIN_HOST: host.prefault("127.0.0.1"),
  ADMIN_PORT: port.prefault("9090"),
  ADMIN_URL: adminUrl.optional(),
  ADMIN_USER: userName.optional(),
  ADMIN_PASSWORD: password.optional(),
  ADMIN_TOKEN: token.optional(),
  ADMIN_VIEWER_USER: userName.optional(),
  ADMIN_VIEWER_PASSWORD: password.optional(),
  ADMIN_VIEWER_TOKEN: token.optional(),
  QUEUE_URL: queueUrl.optional(),
  QUEUE_PREFIX: z.string().trim().prefault("paddle_rotator"),
  QUEUE_ALLOW_EVICTION: oneOf(["true", "false"])
    .transform((word) => word === "true")
    .prefault("false"),
  DATA_DIR: text("the path of a folder", (path) => !path.includes("\0")).prefault("./data"),
  PADDLE_WEBHOOK_SECRETS: webhookSecrets.optional(),
  WEBHOOK_TOLERANCE: duration(
    "a duration such as 5s, from 1s to 5m",
    (ms) => ms >= 1000 && ms <= 300_000,
  ).prefault("5s"),
  PADDLE_API_URL: paddleApiUrl.optional(),
  PADDLE_REQUESTS_PER_MINUTE: wholeNumber(1, 240).prefault("60"),
  ROLE: oneOf(["all", "web", "worker"]).prefault("all"),
  LOG_FORMAT: oneOf(["auto", "json"]).prefault("auto"),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).prefault("info"),
};

/** Takes the texts of the variables that are set. */
export const Environment = z.object(VARIABLES);
export type Environment = z.output<typeof Environment>;

const NAMES: readonly string[] = Object.keys(VARIABLES);

/** What the file says that matters to the environment. */
type BesideTheFile = { readonly namesProxy: boolean };

/** Reads and checks every variable, and looks for names that were meant to be one of ours. */
export function parseEnvironment(variables: Variables, file: BesideTheFile): Parsed<Environment> {
  const lookups = NAMES.map((name) => ({ name, found: variables.lookup(name) }));
  const texts = Object.fromEntries(
    lookups.flatMap(({ name, found }) => (found.kind === "set" ? [[name, found.text]] : [])),
  );
  const parsed = Environment.safeParse(texts);
  const given = new Set(lookups.flatMap(({ name, found }) => (found.kind === "unset" ? [] : [name])));
  const faults: Fault[] = [
    ...lookups.flatMap(({ found }) => (found.kind === "faulty" ? [found.fault] : [])),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ at: formatPath(path), message })),
    ...joinedFaults({
      has: (name) => given.has(name),
      text: (name) => texts[name]?.trim(),
      namesProxy: file.namesProxy,
    }),
  ].toSorted((a, b) => position(a) - position(b));
  const misnamed = misspelt(variables.names, NAMES);
  if (parsed.success && faults.length + misnamed.length === 0) return { ok: true, value: parsed.data };
  return { ok: false, faults: [...faults, ...misnamed] };
}

/** The place in `VARIABLES` of the variable that a fault is at, or whose NAME_FILE it is at. */
function position({ at }: Fault): number {
  return Math.max(NAMES.indexOf(at), NAMES.indexOf(at.replace(/_FILE$/, "")));
}
