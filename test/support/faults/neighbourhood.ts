/** The service among all its neighbours, with a proxy in front of the one that is to be in trouble. */
import { HttpFake } from "../alerts/http-fake.ts";
import { type Delivery, WebhookReceiver } from "../alerts/webhook-receiver.ts";
import { HttpApplication, jsonReply } from "../consumers/http-application.ts";
import { startPostgresServer } from "../postgres-server.ts";
import { startRedisServer } from "../redis-server.ts";
import { openSite, type RunningService, type Site } from "../service.ts";
import { isObject } from "../stores/vault-fake-kv.ts";
import { VaultFake } from "../stores/vault-fake.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

export const NEIGHBOURS = ["Redis", "PostgreSQL", "Vault", "Paddle", "alert channel", "application"] as const;

export type Neighbour = (typeof NEIGHBOURS)[number];

/** `early`: rotating when it strikes; `amid` and `leaked`: asked for while it lasts; `late`: when it is over. */
export const KEYS = ["early", "amid", "leaked", "late"] as const;

export type KeyName = (typeof KEYS)[number];

type Slots = Readonly<Record<"active" | "pending", string>>;

export type Told = { readonly at: number; readonly data: Delivery["data"]; readonly id: string };

export type Neighbourhood = AsyncDisposable & {
  readonly site: Site;
  readonly service: RunningService;
  readonly proxy: FaultProxy;
  readonly application: HttpApplication;
  readonly keys: Readonly<Record<KeyName, { readonly id: string; readonly secret: string }>>;
  slots(key: KeyName): Slots;
  /** What people were told, on a channel that is always well. */
  readonly told: readonly Told[];
  /** The ids of what they were told on the channel that may be in trouble. */
  readonly toldAtOps: () => ReadonlySet<string>;
  /** How often a secret was in use that Paddle refuses; not counted for `leaked`, whose secret is to die. */
  readonly deadSeen: number;
};

const DAY_MS = 86_400_000;
/** Longer than any fault: every former secret lives until the end. */
const GRACE = "3600s";
const LOOK_MS = 25;
const TOKEN_LIVES_FOR_EVER = { ttl: 0, maxTtl: 0, renewable: false };

export async function openNeighbourhood(troubled: Neighbour): Promise<Neighbourhood> {
  await using opened = new AsyncDisposableStack();
  let proxy: FaultProxy | null = null;
  /** The address of a neighbour, by way of the proxy if it is the one. */
  const by = async (neighbour: Neighbour, address: string) => {
    if (neighbour !== troubled) return address;
    proxy = opened.use(await startFaultProxy(Number(new URL(address).port)));
    return address.replace(/(127\.0\.0\.1):\d+/, `$1:${proxy.port}`);
  };
  const { told, receiver, backup, ops, opsReceiver } = await openChannels(opened);
  const vault = opened.use(await VaultFake.open());
  const application = opened.use(await openApplication());
  const [vaultUrl, applicationUrl] = [
    await by("Vault", vault.address),
    await by("application", application.url),
  ];
  const token = vault.tokens.give(TOKEN_LIVES_FOR_EVER);
  const consumerOf = (key: KeyName) =>
    `{ name: billing, type: http, notify: "${applicationUrl}/paddle-key/reload", secret: ${application.secret}, verify: "${applicationUrl}/paddle-key?key=${key}", token: ${application.token}, refresh: 1s, timeout: 20s }`;
  const site = opened.use(
    await openSite({
      env: { ...(await queueEnv(opened, troubled, by)), LOG_LEVEL: "info" },
      // Webhooks are the story's own.
      events: ["api_key.revoked"],
      yaml: [
        ...KEYS.flatMap((name) => [
          `  - name: ${name}`,
          `    store: { type: vault, address: "${vaultUrl}", path: ${name}, auth: { method: token, token: ${token} } }`,
          `    rotation: { lifetime: 90d, grace: ${GRACE} }`,
          `    consumers: [${consumerOf(name)}]`,
        ]),
        "alerts:",
        `  ops: { type: webhook, url: "${await by("alert channel", ops.origin)}${opsReceiver.path}", secret: ${opsReceiver.secret} }`,
        `  backup: { type: webhook, url: "${backup.origin}${receiver.path}", secret: ${receiver.secret} }`,
      ].join("\n"),
    }),
  );
  const made = KEYS.map((name) => {
    const key = site.paddle.createKey({ name, expiresAt: Date.now() + 8 * DAY_MS });
    vault.kv.writeData(name, { data: { ACTIVE_PADDLE_KEY: key.secret } });
    vault.tokens.policy.set(`secret/data/${name}`, new Set(["read", "update"]));
    vault.tokens.policy.set(`secret/metadata/${name}`, new Set(["read", "update"]));
    return [name, key] as const;
  });
  const keys = Object.fromEntries(made) as Neighbourhood["keys"];
  const slots = (name: KeyName) => slotsIn(vault, name);
  let deadSeen = 0;
  const watch = setInterval(() => {
    for (const name of KEYS) if (name !== "leaked" && !site.paddle.isAlive(slots(name).active)) deadSeen += 1;
  }, LOOK_MS);
  opened.defer(() => clearInterval(watch));
  const service = await site.start({ env: { PADDLE_API_URL: await by("Paddle", site.paddle.url) } });
  if (proxy === null) throw new Error(`no proxy stands in front of ${troubled}`);

  const owned = opened.move();
  return {
    site,
    service,
    proxy,
    application,
    keys,
    slots,
    told,
    toldAtOps: () => new Set(opsReceiver.deliveries.map(({ id }) => id)),
    get deadSeen() {
      return deadSeen;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openChannels(opened: AsyncDisposableStack) {
  const [receiver, opsReceiver] = [
    new WebhookReceiver(() => Date.now()),
    new WebhookReceiver(() => Date.now()),
  ];
  const told: Told[] = [];
  const backup = opened.use(
    await HttpFake.open((request) => {
      const answer = receiver.serve(request);
      const last = receiver.deliveries.at(-1);
      if (answer.status === 204 && last) told.push({ at: Date.now(), data: last.data, id: last.id });
      return answer;
    }),
  );
  const ops = opened.use(await HttpFake.open((request) => opsReceiver.serve(request)));
  return { receiver, opsReceiver, told, backup, ops };
}

/** It uses at once what it is told of, each key by itself. */
async function openApplication(): Promise<HttpApplication> {
  const application = await HttpApplication.open();
  application.always = ({ method, path }) => {
    if (method !== "GET") return null;
    const name = new URL(path, application.url).searchParams.get("key");
    const told = [...application.notified.values()].findLast(({ key }) => key === name);
    return jsonReply({ fingerprint: told?.fingerprint ?? null });
  };
  return application;
}

async function queueEnv(
  opened: AsyncDisposableStack,
  troubled: Neighbour,
  by: (neighbour: Neighbour, address: string) => Promise<string>,
): Promise<Record<string, string>> {
  if (troubled === "PostgreSQL") {
    const { connectionString } = opened.use(await startPostgresServer());
    return { QUEUE_URL: await by("PostgreSQL", connectionString) };
  }
  const { url } = opened.use(
    await startRedisServer({ args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"] }),
  );
  return { QUEUE_URL: await by("Redis", url) };
}

function slotsIn(vault: VaultFake, name: KeyName): Slots {
  const { body } = vault.kv.readData(name);
  const data = isObject(body) && isObject(body["data"]) ? body["data"]["data"] : null;
  const text = (field: string) => (isObject(data) && typeof data[field] === "string" ? data[field] : "");
  return { active: text("ACTIVE_PADDLE_KEY"), pending: text("PENDING_PADDLE_KEY") };
}
