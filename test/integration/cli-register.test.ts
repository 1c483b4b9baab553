/** `register` against the simulator: the destination that Paddle ends up with, and where its secret goes. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configBeforeRegistration, register } from "../../src/cli/register.ts";
import type { RegisterOptions } from "../../src/cli/register/options.ts";
import type { OpenStore } from "../../src/cli/check/stores.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { KEY_EVENT_TYPES } from "../../src/core/key-events.ts";
import { Secret } from "../../src/core/secret.ts";
import { unknownOrigin } from "../../src/core/slots.ts";
import { runRegister } from "../../src/cli/paddle-commands.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { pipedTerminal } from "../support/piped-terminal.ts";
import { startPaddleSimulator } from "../support/paddle-simulator/start.ts";
import type { Switches } from "../support/paddle-simulator/switches.ts";
import { FILE, read, WEBHOOK_SECRET } from "../unit/config/sources.ts";
import { openWorld } from "./paddle/simulated-world.ts";

const URL = "https://keys.example.com/webhooks/paddle";
const WRITE = ["notification_setting.write"];

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "register-"));
  file = join(folder, "webhook-secret");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A key of the account that may register, in the store of the configuration. */
async function open({
  permissions = WRITE,
  switches = {},
}: { permissions?: string[]; switches?: Partial<Switches> } = {}) {
  const world = await openWorld({ switches });
  const { id, secret } = world.simulator.createKey({ name: "billing", permissions });
  const openStore: OpenStore = async () => new MemoryStore({ active: unknownOrigin(new Secret(secret)) });
  const run = (options: RegisterOptions = {}, { config = read(), input = "", store = openStore } = {}) =>
    register(config, { url: URL, ...options }, pipedTerminal(input), {
      openStore: store,
      paddle: world.paddle,
    });
  return { ...world, id, secret, run, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const writes = ({ simulator }: Awaited<ReturnType<typeof open>>) =>
  simulator.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

describe("register", () => {
  it("creates a destination with exactly the events it needs, real traffic only, and keeps its secret in a file of its owner", async () => {
    await using world = await open();
    const { ok, text, json } = await world.run({ "secret-file": file });
    expect(ok).toBe(true);
    const [destination, ...others] = world.simulator.destinations();
    expect(others).toEqual([]);
    expect(destination).toMatchObject({
      url: URL,
      events: KEY_EVENT_TYPES,
      active: true,
      apiVersion: 1,
      trafficSource: "platform",
      includesSensitiveFields: false,
    });
    expect(await readFile(file, "utf8")).toBe(`${destination?.secret}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(text).toContain(`created ${destination?.id}`);
    expect(text).toContain(`set PADDLE_WEBHOOK_SECRETS_FILE=${file}`);
    expect(text + JSON.stringify(json)).not.toContain(destination?.secret);
    expect(json).toMatchObject({ ok: true, change: "created", destination: { environment: "sandbox" } });
  });

  it.each(["https://keys.example.com", "https://KEYS.example.com/", `${URL}/`])(
    "takes %s for the same address",
    async (url) => {
      await using world = await open();
      await world.run({ url });
      expect(world.simulator.destinations().map((each) => each.url)).toEqual([URL]);
    },
  );

  it("leaves a path alone that is not its own, as behind a proxy", async () => {
    await using world = await open();
    await world.run({ url: "https://example.com/paddle/keys" });
    expect(world.simulator.destinations().map((each) => each.url)).toEqual([
      "https://example.com/paddle/keys",
    ]);
  });

  it("changes nothing when it is run again", async () => {
    await using world = await open();
    await world.run({ "secret-file": file });
    const before = writes(world);
    const { ok, text, json } = await world.run({ "secret-file": file });
    expect(ok).toBe(true);
    expect(text).toContain("nothing changed");
    expect(json).toMatchObject({ change: "unchanged", changes: [] });
    expect(writes(world)).toEqual(before);
  });

  it("changes what differs in the destination that has this address, and leaves the others alone", async () => {
    await using world = await open();
    const other = world.simulator.addDestination({
      url: "https://elsewhere.example.com/webhooks/paddle",
      events: ["api_key.created"],
    });
    const { id } = world.simulator.addDestination({
      url: URL,
      events: ["api_key.created", "api_key.expiring"],
      trafficSource: "all",
      includesSensitiveFields: true,
      description: "ours",
    });
    world.simulator.switchDestination(id, false);
    const { text, json } = await world.run();
    expect(writes(world)).toEqual([`PATCH /notification-settings/${id}`]);
    const [untouched, ours] = world.simulator.destinations();
    expect(untouched).toMatchObject({ id: other.id, events: ["api_key.created"] });
    expect(ours).toMatchObject({
      id,
      active: true,
      events: KEY_EVENT_TYPES,
      trafficSource: "platform",
      includesSensitiveFields: false,
      description: "ours",
    });
    expect(text).toContain("switched on");
    expect(text).toContain("real traffic only, no longer all");
    expect(json).toMatchObject({ change: "updated" });
    expect((await world.run()).json).toMatchObject({ change: "unchanged" });
  });

  it("unsubscribes from what the rotator has no use for", async () => {
    await using world = await open();
    const { paddle } = world;
    world.simulator.addDestination({ url: URL });
    // The simulator plays no other events, so the list is made to have one more.
    const listDestinationSettings: typeof paddle.listDestinationSettings = async (secret) =>
      (await paddle.listDestinationSettings(secret)).map((each) => ({
        ...each,
        subscribedEvents: [...each.subscribedEvents, "transaction.paid"],
      }));
    const openStore: OpenStore = async () =>
      new MemoryStore({ active: unknownOrigin(new Secret(world.secret)) });
    const { json } = await register(read(), { url: URL }, pipedTerminal(), {
      openStore,
      paddle: { ...paddle, listDestinationSettings },
    });
    expect(json).toMatchObject({ change: "updated", changes: ["no longer subscribed to transaction.paid"] });
  });

  it("takes the one that needs no change where two have this address, and names the other", async () => {
    await using world = await open();
    const right = world.simulator.addDestination({ url: URL });
    const wrong = world.simulator.addDestination({ url: URL, events: ["api_key.created"] });
    const { text } = await world.run();
    expect(text).toContain(`nothing changed: ${right.id}`);
    expect(text).toContain(`${wrong.id} has the same address and was left alone`);
    expect(writes(world)).toEqual([]);
  });

  it("changes the description only if asked", async () => {
    await using world = await open();
    world.simulator.addDestination({ url: URL, description: "ours" });
    expect((await world.run()).json).toMatchObject({ change: "unchanged" });
    expect((await world.run({ description: "theirs" })).json).toMatchObject({
      change: "updated",
      changes: ["described anew"],
    });
    expect(world.simulator.destinations()[0]?.description).toBe("theirs");
  });
});

describe("whose key register uses", () => {
  it("is the first managed one that may write notification settings", async () => {
    await using world = await open();
    const poor = world.simulator.createKey({ name: "poor", permissions: ["transaction.read"] });
    const yaml = `${FILE}  - name: second\n    store: { type: env-file, path: ./second.env }\n`;
    const secrets = [poor.secret, world.secret];
    const store: OpenStore = async () =>
      new MemoryStore({ active: unknownOrigin(new Secret(secrets.shift() ?? "")) });
    expect((await world.run({}, { config: read({ yaml }), store })).ok).toBe(true);
  });

  it("is never a pending one: nothing is activated", async () => {
    await using world = await open();
    const { secret: pending } = await world.paddle
      .createRotation(world.id, new Secret(world.secret), { graceSeconds: 0 })
      .then(({ newSecret }) => ({ secret: newSecret }));
    const slots = {
      active: unknownOrigin(new Secret(world.secret)),
      pending: { ...unknownOrigin(pending), mode: "graceful" as const, graceSeconds: 0 },
    };
    await world.run({}, { store: async () => new MemoryStore(slots) });
    expect(world.simulator.activatedRotations(world.id)).toBe(0);
  });

  it("is the one from standard input if so asked, and no store is looked at", async () => {
    await using world = await open();
    const store: OpenStore = () => Promise.reject(new Error("looked at"));
    expect((await world.run({ "key-from-stdin": true }, { input: `${world.secret}\n`, store })).ok).toBe(
      true,
    );
  });

  it("is none where none may, and each one's reason is told with what to do", async () => {
    await using world = await open({ permissions: ["notification_setting.read"] });
    const { ok, text } = await world.run();
    expect(ok).toBe(false);
    expect(text).toContain("billing: lacks the permission notification_setting.write");
    expect(text).toContain("--key-from-stdin");
    expect(writes(world)).toEqual([]);
  });

  it("is not one that Paddle refuses, nor one whose store cannot be read or is empty", async () => {
    await using world = await open();
    world.simulator.revoke(world.id, { by: "user" });
    expect((await world.run()).text).toContain("billing: Paddle refuses its active secret");
    expect((await world.run({}, { store: async () => new MemoryStore({}) })).text).toContain(
      "billing: its store holds no active secret",
    );
    const store: OpenStore = () => Promise.reject(new Error("no such store"));
    expect((await world.run({}, { store })).text).toMatch(/billing: .+/);
  });

  it("may be a legacy key, which has no permissions to look at", async () => {
    await using world = await open();
    const { id, secret } = world.simulator.createKey({ name: "old", legacy: true });
    const store: OpenStore = async () => new MemoryStore({ active: unknownOrigin(new Secret(secret)) });
    expect((await world.run({}, { store })).ok).toBe(true);
    world.simulator.revoke(id, { by: "user" });
    expect((await world.run({}, { store })).text).toContain("billing: GET /notification-settings");
  });

  it("speaks for one account, and keys of another are named", async () => {
    await using world = await open();
    const live = `pdl_live_apikey_${"a".repeat(26)}_${"B".repeat(22)}_abc`;
    const yaml = `${FILE}  - name: shop\n    store: { type: env-file, path: ./shop.env }\n`;
    const secrets = [world.secret, live];
    const store: OpenStore = async () =>
      new MemoryStore({ active: unknownOrigin(new Secret(secrets.shift() ?? "")) });
    const { text } = await world.run({}, { config: read({ yaml }), store });
    expect(text).toContain("shop: of another account than this sandbox one");
  });
});

describe("the destination's secret", () => {
  it("is printed where that is asked for, and only then", async () => {
    await using world = await open();
    const silent = await world.run();
    const secret = world.simulator.destinations()[0]?.secret ?? "";
    expect(silent.text + JSON.stringify(silent.json)).not.toContain(secret);
    expect(silent.text).toContain("run this again with --secret-file <path>, or with --print-secret");
    const printed = await world.run({ "print-secret": true });
    expect(printed.text).toContain(secret);
    expect(printed.json).toMatchObject({ secret: { endpointSecret: secret } });
  });

  it("is known to be configured already", async () => {
    await using world = await open();
    world.simulator.addDestination({ url: URL, secret: WEBHOOK_SECRET });
    const { text, json } = await world.run();
    expect(text).toContain("the configuration has its secret key already");
    expect(json).toMatchObject({ secret: { configured: true } });
  });

  it.each([
    ["before a destination is created", false],
    ["before one is changed", true],
  ])("overwrites no other content without --replace: %s", async (_when, isThere) => {
    await using world = await open();
    if (isThere) world.simulator.addDestination({ url: URL, events: ["api_key.created"] });
    await writeFile(file, "pdl_ntfset_another");
    await expect(world.run({ "secret-file": file })).rejects.toThrow("holds something else");
    expect(await readFile(file, "utf8")).toBe("pdl_ntfset_another");
    expect(writes(world)).toEqual([]);
    expect((await world.run({ "secret-file": file, replace: true })).ok).toBe(true);
    expect(await readFile(file, "utf8")).toBe(`${world.simulator.destinations()[0]?.secret}\n`);
  });

  it("is left where it is among others, separated by commas", async () => {
    await using world = await open();
    const { secret } = world.simulator.addDestination({ url: URL });
    await writeFile(file, `pdl_ntfset_another, ${secret}\n`);
    expect((await world.run({ "secret-file": file })).ok).toBe(true);
    expect(await readFile(file, "utf8")).toBe(`pdl_ntfset_another, ${secret}\n`);
  });

  it("takes away the rights of others from a file that it replaces", async () => {
    await using world = await open();
    await writeFile(file, "");
    await chmod(file, 0o644);
    await world.run({ "secret-file": file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("goes into no link and no folder, and nothing is created then", async () => {
    await using world = await open();
    await symlink(join(folder, "target"), file);
    await expect(world.run({ "secret-file": file })).rejects.toThrow("is a link, a folder or a device");
    await mkdir(join(folder, "folder"));
    await expect(world.run({ "secret-file": join(folder, "folder") })).rejects.toThrow(
      "is a link, a folder or a device",
    );
    expect(writes(world)).toEqual([]);
  });

  it("is read again where Paddle's answer to the creation lacks it", async () => {
    await using world = await open();
    const { paddle } = world;
    const createDestination: typeof paddle.createDestination = async (secret, settings) => ({
      ...(await paddle.createDestination(secret, settings)),
      endpointSecret: null,
    });
    const openStore: OpenStore = async () =>
      new MemoryStore({ active: unknownOrigin(new Secret(world.secret)) });
    await register(read(), { url: URL, "secret-file": file }, pipedTerminal(), {
      openStore,
      paddle: { ...paddle, createDestination },
    });
    expect(await readFile(file, "utf8")).toBe(`${world.simulator.destinations()[0]?.secret}\n`);
  });
});

describe("what Paddle refuses", () => {
  it("is told in Paddle's words where it does not know the events", async () => {
    await using world = await open({ switches: { rotationSubscriptions: false } });
    await expect(world.run()).rejects.toThrow(
      "subscribed_events: unknown: api_key_rotation.created, api_key_rotation.updated",
    );
  });

  it("is told with what to do where there are too many destinations", async () => {
    await using world = await open({ switches: { maxActiveDestinations: 1 } });
    world.simulator.addDestination({ url: "https://elsewhere.example.com" });
    await expect(world.run()).rejects.toThrow(
      /At most 1 destinations may be active.*delete or switch off one/s,
    );
  });

  it("is told with the permission to give where the key of standard input lacks it", async () => {
    await using world = await open({ permissions: ["notification_setting.read"] });
    const input = `${world.secret}\n`;
    await expect(world.run({ "key-from-stdin": true }, { input })).rejects.toThrow(
      "give the key the permission notification_setting.write",
    );
  });

  it("may have been created all the same where the answer is lost: the next run finds it", async () => {
    await using world = await open();
    world.simulator.faults.add({ when: { method: "POST" }, do: { kind: "lose-response" } });
    await expect(world.run({ "secret-file": file })).rejects.toThrow("run the command again");
    expect((await world.run({ "secret-file": file })).json).toMatchObject({ change: "unchanged" });
    expect(world.simulator.destinations()).toHaveLength(1);
  });
});

describe("the command line of register", () => {
  it.each([
    undefined,
    "http://keys.example.com",
    "https://user:x@example.com",
    "https://example.com/?a=1",
    "keys.example.com",
  ])("must have an https address: %s", async (url) => {
    await using world = await open();
    await expect(world.run({ url })).rejects.toThrow(/--url/);
    expect(world.simulator.requests).toEqual([]);
  });

  it("needs no webhook secret in the configuration, nor its file to exist", () => {
    const from = (env: Readonly<Record<string, string | undefined>>) =>
      read({ env: { PADDLE_WEBHOOK_SECRETS: undefined, ...env } });
    expect(configBeforeRegistration({}, from).keys).toHaveLength(1);
    expect(
      configBeforeRegistration({ PADDLE_WEBHOOK_SECRETS_FILE: "/run/not-there" }, from).keys,
    ).toHaveLength(1);
    expect(
      configBeforeRegistration({ PADDLE_WEBHOOK_SECRETS: WEBHOOK_SECRET }, from).webhook.secrets[0]?.reveal(),
    ).toBe(WEBHOOK_SECRET);
    expect(() => configBeforeRegistration({ PORT: "x" }, from)).toThrow(ConfigError);
  });
});

describe("register with the real adapters", () => {
  it("reads the environment, the store and the secret's own file, which is not there yet", async () => {
    await using paddle = await startPaddleSimulator();
    const { secret } = paddle.createKey({ name: "billing", permissions: WRITE });
    await writeFile(join(folder, "billing.env"), `ACTIVE_PADDLE_KEY=${secret}\n`, { mode: 0o600 });
    await writeFile(
      join(folder, "rotator.yaml"),
      "keys:\n  - name: billing\n    store: { type: env-file, path: ./billing.env }\n",
    );
    const env = {
      CONFIG_FILE: join(folder, "rotator.yaml"),
      PADDLE_API_URL: paddle.url,
      PADDLE_WEBHOOK_SECRETS_FILE: file,
    };
    const config = () => read();
    const call = { config, env, name: "", terminal: pipedTerminal() };
    const { ok } = await runRegister({ ...call, values: { url: URL, "secret-file": file } });
    expect(ok).toBe(true);
    expect(await readFile(file, "utf8")).toBe(`${paddle.destinations()[0]?.secret}\n`);
  });
});
