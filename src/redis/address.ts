/**
 * Where a Redis is: one server, a master that Sentinels watch, or a Cluster. Pure; no fault quotes anything of the
 * address, which holds a password.
 */
import { Secret } from "../core/secret.ts";

export type Endpoint = { readonly host: string; readonly port: number };

type SignIn = { readonly user: string | null; readonly password: Secret | null };

export type RedisAddress =
  /** As ioredis reads it. */
  | { readonly kind: "server"; readonly url: Secret }
  | ({
      readonly kind: "sentinel";
      readonly endpoints: readonly Endpoint[];
      /** The name that the Sentinels know the master by. */
      readonly master: string;
      readonly database: number;
      /** True: to the Sentinels and to the servers behind them. */
      readonly tls: boolean;
      /** At the Sentinels; the other two are for the servers. */
      readonly atSentinels: SignIn;
    } & SignIn)
  | ({
      readonly kind: "cluster";
      /** Some of its nodes; they name the others. */
      readonly endpoints: readonly Endpoint[];
      readonly tls: boolean;
    } & SignIn);

type Group = Exclude<RedisAddress["kind"], "server">;
type Reading = { readonly ok: true; readonly address: RedisAddress } | Fault;
type Fault = { readonly ok: false; readonly fault: string };

const GROUP =
  /^redis(?<tls>s?)\+(?<kind>sentinel|cluster):\/\/(?:(?<signIn>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/i;
const PORTS: Readonly<Record<Group, number>> = { sentinel: 26_379, cluster: 6_379 };
const SENTINEL_OPTIONS = ["sentinelUser", "sentinelPassword"];

export const GROUP_SCHEMES = ["redis+sentinel:", "rediss+sentinel:", "redis+cluster:", "rediss+cluster:"];

const ESCAPES =
  "is not a valid address; in the user's name and password, write : / ? # @ and % as %3A %2F %3F %23 %40 and %25";
const HOSTS: Readonly<Record<Group, string>> = {
  sentinel:
    "must name the Sentinels, separated by commas; write redis+sentinel://host1:26379,host2:26379/mymaster",
  cluster: "must name nodes of the Cluster, separated by commas; write redis+cluster://host1:6379,host2:6379",
};

/** @throws Error for an address that the configuration would have refused */
export function redisAddress(url: Secret): RedisAddress {
  const reading = readRedisAddress(url.reveal());
  if (!reading.ok) throw new Error(`QUEUE_URL ${reading.fault}`);
  return reading.address;
}

export function readRedisAddress(input: string): Reading {
  const text = input.trim();
  if (!GROUP_SCHEMES.some((scheme) => text.toLowerCase().startsWith(`${scheme}//`)))
    return { ok: true, address: { kind: "server", url: new Secret(text) } };
  const parts = GROUP.exec(text)?.groups;
  if (!parts) return fault(ESCAPES);
  const kind: Group = parts["kind"]?.toLowerCase() === "sentinel" ? "sentinel" : "cluster";
  const signIn = readSignIn(parts["signIn"]);
  if (!signIn) return fault(ESCAPES);
  const endpoints = readEndpoints(parts["hosts"] ?? "", PORTS[kind]);
  if (!endpoints) return fault(HOSTS[kind]);
  const address = { endpoints, tls: parts["tls"] !== "", ...signIn };
  const options = new URLSearchParams(parts["query"]);
  return kind === "sentinel"
    ? readSentinel(address, parts["path"] ?? "", options)
    : readCluster(address, parts["path"] ?? "", options);
}

type Common = { readonly endpoints: readonly Endpoint[]; readonly tls: boolean } & SignIn;

function readSentinel(address: Common, path: string, options: URLSearchParams): Reading {
  const [, master, database] = /^([\w.-]+)(?:\/(\d+))?\/?$/.exec(path) ?? [];
  if (master === undefined)
    return fault(
      "must end with the name of the master and perhaps the number of a database; write redis+sentinel://host:26379/mymaster/0",
    );
  if ([...options.keys()].some((name) => !SENTINEL_OPTIONS.includes(name)))
    return fault("may have no options but sentinelUser and sentinelPassword");
  const user = options.get("sentinelUser");
  const password = options.get("sentinelPassword");
  if (user !== null && password === null) return fault("has a sentinelUser without a sentinelPassword");
  const atSentinels = { user, password: password === null ? null : new Secret(password) };
  return {
    ok: true,
    address: { kind: "sentinel", ...address, master, database: Number(database ?? 0), atSentinels },
  };
}

function readCluster(address: Common, path: string, options: URLSearchParams): Reading {
  if (path !== "" && path !== "0") return fault("must end after its hosts: a Cluster has one database, 0");
  if (options.size > 0) return fault("may have no options after a question mark");
  return { ok: true, address: { kind: "cluster", ...address } };
}

/** null: not as an address has them. */
function readSignIn(text = ""): SignIn | null {
  const [user = "", password, ...more] = text.split(":");
  if (more.length > 0 || (user !== "" && password === undefined)) return null;
  try {
    return {
      user: user === "" ? null : decodeURIComponent(user),
      password: password ? new Secret(decodeURIComponent(password)) : null,
    };
  } catch {
    return null;
  }
}

function readEndpoints(text: string, defaultPort: number): readonly Endpoint[] | null {
  const urls = text.split(",").map((host) => (host === "" ? null : URL.parse(`redis://${host}`)));
  const endpoints = urls.flatMap((url) =>
    url?.hostname
      ? [
          {
            host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
            port: url.port === "" ? defaultPort : Number(url.port),
          },
        ]
      : [],
  );
  return endpoints.length === urls.length ? endpoints : null;
}

function fault(text: string): Fault {
  return { ok: false, fault: text };
}

/**
 * What the names of all data begin with. In a Cluster it is a hash tag, which keeps all of it on one master: BullMQ's
 * scripts touch several keys of a queue at once.
 */
export function prefixAt({ kind }: RedisAddress, prefix: string): string {
  return kind === "cluster" && !prefix.includes("{") ? `{${prefix}}` : prefix;
}
