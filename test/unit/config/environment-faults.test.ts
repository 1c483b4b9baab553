/** What an operator reads when an environment variable is wrong: exact lines, one for each fault. */
import { describe, expect, it } from "vitest";
import { faultsOf, type Given, read } from "./sources.ts";

const REDIS = "redis://redis.internal";
const POSTGRES = "postgres://queue.internal/rotator";
const PASSWORD = "twelve chars";
const TOKEN = "t".repeat(32);

const HOST = "must be an IP address or a host name, without port or brackets";
const PORT = "must be a whole number from 0 to 65535";
const PADDLE_ADDRESS =
  "must be an https:// address (http:// only on this machine) with at most a path: no user, password, ? or #";
const QUEUE_ADDRESS =
  "must be an address that begins with redis://, rediss://, redis+sentinel://, redis+cluster://, postgres:// or postgresql://";
const BROKEN_ADDRESS =
  "is not a valid address; in the user's name and password, write : / ? # @ and % as %3A %2F %3F %23 %40 and %25";
const OPEN_ADMIN =
  "lets other machines in, and there is no sign-in; set ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN, or bind 127.0.0.1";
const SCHEMA =
  "is the schema on PostgreSQL (the embedded queue too); it must be 1 to 63 of a-z, 0-9 and _, and begin with neither a digit nor pg_";
const SPLIT = "splits the work between processes, which must share a queue; set QUEUE_URL, or use all";

type Env = NonNullable<Given["env"]>;

describe("a faulty variable is reported in one line that says what to do", () => {
  it.each<[env: Env, line: string]>([
    [{ HOST: "0.0.0.0:8080" }, `HOST: ${HOST}`],
    [{ HOST: "[::1]" }, `HOST: ${HOST}`],
    [{ HOST: "under_score" }, `HOST: ${HOST}`],
    [{ PORT: "http" }, `PORT: ${PORT}`],
    [{ PORT: "-1" }, `PORT: ${PORT}`],
    [{ PORT: "65536" }, `PORT: ${PORT}`],
    [{ PORT: "80.5" }, `PORT: ${PORT}`],
    [{ ADMIN_PORT: "0x50" }, `ADMIN_PORT: ${PORT}`],
    [{ ADMIN_HOST: "0.0.0.0" }, `ADMIN_HOST: ${OPEN_ADMIN}`],
    [{ ADMIN_HOST: "::" }, `ADMIN_HOST: ${OPEN_ADMIN}`],
    [{ ADMIN_HOST: "128.0.0.1" }, `ADMIN_HOST: ${OPEN_ADMIN}`],
    [{ ADMIN_HOST: "localhost.example.com" }, `ADMIN_HOST: ${OPEN_ADMIN}`],
    [{ ADMIN_USER: "ops" }, "ADMIN_PASSWORD: is missing; it belongs to ADMIN_USER, which is set"],
    [{ ADMIN_PASSWORD: PASSWORD }, "ADMIN_USER: is missing; it belongs to ADMIN_PASSWORD, which is set"],
    [{ ADMIN_USER: "o:ps", ADMIN_PASSWORD: PASSWORD }, "ADMIN_USER: must be a name without colons"],
    [
      { ADMIN_USER: "ops", ADMIN_PASSWORD: "eleven char" },
      "ADMIN_PASSWORD: must be at least 12 characters, with no white space around them and no control characters",
    ],
    [
      { ADMIN_USER: "ops", ADMIN_PASSWORD: `${PASSWORD} ` },
      "ADMIN_PASSWORD: must be at least 12 characters, with no white space around them and no control characters",
    ],
    [
      { ADMIN_USER: "ops", ADMIN_PASSWORD: `${PASSWORD}\u0007${PASSWORD}` },
      "ADMIN_PASSWORD: must be at least 12 characters, with no white space around them and no control characters",
    ],
    [
      { ADMIN_TOKEN: "t".repeat(31) },
      "ADMIN_TOKEN: must be at least 32 letters, digits and ASCII signs without white space; make one with: openssl rand -hex 32",
    ],
    [
      { ADMIN_TOKEN: `${TOKEN} ${TOKEN}` },
      "ADMIN_TOKEN: must be at least 32 letters, digits and ASCII signs without white space; make one with: openssl rand -hex 32",
    ],
    [{ QUEUE_URL: "redis.internal:6379" }, `QUEUE_URL: ${QUEUE_ADDRESS}`],
    [{ QUEUE_URL: "mysql://queue.internal" }, `QUEUE_URL: ${QUEUE_ADDRESS}`],
    [
      { QUEUE_URL: "redis+sentinel://one:26379,two:26379" },
      "QUEUE_URL: must end with the name of the master and perhaps the number of a database; write redis+sentinel://host:26379/mymaster/0",
    ],
    [
      { QUEUE_URL: "redis+cluster://one:6379/1" },
      "QUEUE_URL: must end after its hosts: a Cluster has one database, 0",
    ],
    [{ QUEUE_URL: "redis://:pass/word@redis.internal" }, `QUEUE_URL: ${BROKEN_ADDRESS}`],
    [{ QUEUE_URL: "redis://:pass#word@redis.internal" }, `QUEUE_URL: ${BROKEN_ADDRESS}`],
    [{ QUEUE_URL: "redis://user@redis.internal/0#word" }, `QUEUE_URL: ${BROKEN_ADDRESS}`],
    [{ QUEUE_URL: "redis:///0" }, "QUEUE_URL: names no host; write redis://host:6379"],
    [
      { QUEUE_URL: `${REDIS}/jobs` },
      "QUEUE_URL: must end with the number of a Redis database, or nothing, after the host and port",
    ],
    [{ QUEUE_PREFIX: "Rotator" }, `QUEUE_PREFIX: ${SCHEMA}`],
    [{ QUEUE_PREFIX: "pg_rotator", QUEUE_URL: POSTGRES }, `QUEUE_PREFIX: ${SCHEMA}`],
    [{ QUEUE_PREFIX: "a".repeat(64), QUEUE_URL: POSTGRES }, `QUEUE_PREFIX: ${SCHEMA}`],
    [
      { QUEUE_PREFIX: "paddle:rotator", QUEUE_URL: REDIS },
      "QUEUE_PREFIX: must be 1 to 63 letters, digits, _, - and .",
    ],
    [{ QUEUE_ALLOW_EVICTION: "yes" }, "QUEUE_ALLOW_EVICTION: must be one of true, false"],
    [{ DATA_DIR: "da\0ta" }, "DATA_DIR: must be the path of a folder"],
    [
      { PADDLE_WEBHOOK_SECRETS: undefined },
      "PADDLE_WEBHOOK_SECRETS: is missing; set it to the secret key (pdl_ntfset_…) of your destination in Paddle > Developer tools > Notifications",
    ],
    [
      { PADDLE_WEBHOOK_SECRETS: " , ," },
      "PADDLE_WEBHOOK_SECRETS: must be the secret keys (pdl_ntfset_…) of the notification destinations, separated by commas",
    ],
    [
      { PADDLE_WEBHOOK_SECRETS: "f".repeat(15) },
      "PADDLE_WEBHOOK_SECRETS: the secret has fewer than 16 characters; copy it whole from Paddle > Developer tools > Notifications",
    ],
    [
      { PADDLE_WEBHOOK_SECRETS: `${"a".repeat(16)},${"b".repeat(16)} ${"c".repeat(16)}` },
      "PADDLE_WEBHOOK_SECRETS: secret 2 of 2 has white space inside; separate secrets by commas",
    ],
    [
      { PADDLE_WEBHOOK_SECRETS: "ntfset_01hexample000000000000000" },
      "PADDLE_WEBHOOK_SECRETS: the secret is an API key or a destination's id; copy the destination's secret key (pdl_ntfset_…) from Paddle > Developer tools > Notifications",
    ],
    [{ WEBHOOK_TOLERANCE: "0" }, "WEBHOOK_TOLERANCE: must be a duration such as 5s, from 1s to 5m"],
    [{ WEBHOOK_TOLERANCE: "301s" }, "WEBHOOK_TOLERANCE: must be a duration such as 5s, from 1s to 5m"],
    [{ WEBHOOK_TOLERANCE: "5" }, "WEBHOOK_TOLERANCE: must be a duration such as 5s, from 1s to 5m"],
    [{ PADDLE_API_URL: "api.paddle.com" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "http://api.paddle.com" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "http://127.0.0.1.example.com" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "ftp://127.0.0.1" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "https://user@paddle.internal" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "https://:word@paddle.internal" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "https://paddle.internal/?key=1" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_API_URL: "https://paddle.internal/#top" }, `PADDLE_API_URL: ${PADDLE_ADDRESS}`],
    [{ PADDLE_REQUESTS_PER_MINUTE: "0" }, "PADDLE_REQUESTS_PER_MINUTE: must be a whole number from 1 to 240"],
    [
      { PADDLE_REQUESTS_PER_MINUTE: "241" },
      "PADDLE_REQUESTS_PER_MINUTE: must be a whole number from 1 to 240",
    ],
    [{ ROLE: "workers" }, "ROLE: must be one of all, web, worker"],
    [{ ROLE: "web" }, `ROLE: ${SPLIT}`],
    [{ ROLE: "worker" }, `ROLE: ${SPLIT}`],
    [{ LOG_LEVEL: "verbose" }, "LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent"],
  ])("%o", (env, line) => {
    expect(faultsOf({ env })).toEqual([line]);
  });

  it("says which of several webhook secrets are wrong, and of each what", () => {
    const env = { PADDLE_WEBHOOK_SECRETS: `short,${"f".repeat(16)}, pdl_live_apikey_01hexample` };
    expect(faultsOf({ env })).toEqual([
      "PADDLE_WEBHOOK_SECRETS: secret 1 of 3 has fewer than 16 characters; copy it whole from Paddle > Developer tools > Notifications",
      "PADDLE_WEBHOOK_SECRETS: secret 3 of 3 is an API key or a destination's id; copy the destination's secret key (pdl_ntfset_…) from Paddle > Developer tools > Notifications",
    ]);
  });

  it("does not ask for a sign-in that was given but is faulty", () => {
    expect(faultsOf({ env: { ADMIN_HOST: "0.0.0.0", ADMIN_TOKEN_FILE: "/missing" } })).toEqual([
      "ADMIN_TOKEN_FILE: names a file that does not exist",
    ]);
  });
});

describe("values at the edge of what is accepted are accepted", () => {
  it.each<Env>([
    { HOST: "::" },
    { HOST: "rotator-1.internal" },
    { PORT: "0" },
    { PORT: "65535" },
    { PORT: " 8080\r" },
    { ADMIN_HOST: "localhost" },
    { ADMIN_HOST: "LocalHost" },
    { ADMIN_HOST: "127.255.255.254" },
    { ADMIN_HOST: "::1" },
    { ADMIN_HOST: "0.0.0.0", ADMIN_TOKEN: TOKEN },
    { ADMIN_HOST: "0.0.0.0", ADMIN_USER: "ops", ADMIN_PASSWORD: PASSWORD },
    { QUEUE_URL: REDIS },
    { QUEUE_URL: "rediss://default:p%40ss@redis.internal:6380/15?family=6" },
    { QUEUE_URL: "redis+sentinel://:p%40ss@one:26379,two/main/2?sentinelPassword=s%40ss" },
    { QUEUE_URL: "rediss+cluster://user:pass@one:6379,[::1]:6380" },
    { QUEUE_URL: "postgresql://u:p@queue.internal:5432/rotator?sslmode=require" },
    { QUEUE_URL: REDIS, QUEUE_PREFIX: "Rotator-2.eu" },
    { QUEUE_URL: POSTGRES, QUEUE_PREFIX: "a".repeat(63) },
    { QUEUE_URL: REDIS, ROLE: "web" },
    { QUEUE_URL: REDIS, ROLE: "worker", PADDLE_WEBHOOK_SECRETS: undefined },
    { PADDLE_WEBHOOK_SECRETS: "f".repeat(16) },
    { WEBHOOK_TOLERANCE: "1s" },
    { WEBHOOK_TOLERANCE: "5m" },
    { PADDLE_API_URL: "https://paddle.internal:8443/proxy/" },
    { PADDLE_API_URL: "http://127.0.0.1:4010" },
    { PADDLE_API_URL: "http://[::1]:4010" },
    { PADDLE_API_URL: "http://localhost" },
    { PADDLE_REQUESTS_PER_MINUTE: "1" },
    { PADDLE_REQUESTS_PER_MINUTE: "240" },
    { LOG_LEVEL: "silent" },
  ])("%o", (env) => {
    expect(() => read({ env })).not.toThrow();
  });
});

describe("a variable that was meant to be one of ours", () => {
  it.each([
    ["PADDLE_WEBHOOK_SECRET", "PADDLE_WEBHOOK_SECRETS"],
    ["PADDLE_WEBHOOKS_SECRET_FILE", "PADDLE_WEBHOOK_SECRETS_FILE"],
    ["ADMIN_PASSWRD", "ADMIN_PASSWORD"],
    ["ADMIN_TOEKN", "ADMIN_TOKEN"],
    ["ADMIN_PASSWROD_FIEL", "ADMIN_PASSWORD_FILE"],
    ["QUEUE_URI", "QUEUE_URL"],
    ["queue_url", "QUEUE_URL"],
    ["DATADIR", "DATA_DIR"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["PADDLE_REQUEST_PER_MINUTES", "PADDLE_REQUESTS_PER_MINUTE"],
  ])("%s is reported as a slip of %s", (name, meant) => {
    const secrets = name.startsWith("PADDLE_WEBHOOK") ? undefined : "f".repeat(16);
    expect(faultsOf({ env: { PADDLE_WEBHOOK_SECRETS: secrets, [name]: "x" } })).toContain(
      `${name}: is not a known variable; did you mean ${meant}? Rename or unset it`,
    );
  });

  it.each([
    "HOME",
    "HOSTS",
    "PATH",
    "PORTS",
    "NODE_ENV",
    "PADDLE_API_KEY",
    "ADMIN_EMAIL",
    "QUEUE_DEPTH_MAX",
    "REDIS_URL",
  ])("is not %s, which is somebody else's", (name) => {
    expect(() => read({ env: { [name]: "x" } })).not.toThrow();
  });

  it("is somebody else's if ours is set too", () => {
    const env = { PADDLE_WEBHOOK_SECRET: "another application's", QUEUE_URL: REDIS, QUEUE_URI: "x" };
    expect(() => read({ env })).not.toThrow();
  });

  it("is somebody else's if ours is given by a file", () => {
    const env = { ADMIN_TOKEN_FILE: "/run/token", ADMIN_TOKENS: "x" };
    expect(() => read({ env, files: { "/run/token": TOKEN } })).not.toThrow();
  });

  it("is nothing if it is empty", () => {
    expect(() => read({ env: { QUEUE_URI: "" } })).not.toThrow();
  });
});
