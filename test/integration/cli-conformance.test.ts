/** `conformance` against the simulator, with its switches in both positions: the answers follow what Paddle does. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { conformance, type ConformanceDeps } from "../../src/cli/conformance.ts";
import type { Finding } from "../../src/cli/conformance/findings.ts";
import type { QuestionId } from "../../src/cli/conformance/questions.ts";
import type { PaddleObserver } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { unknownOrigin } from "../../src/core/slots.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { pipedTerminal } from "../support/piped-terminal.ts";
import type { Switches } from "../support/paddle-simulator/switches.ts";
import { read } from "../unit/config/sources.ts";
import { openWorld } from "./paddle/simulated-world.ts";

type World = Awaited<ReturnType<typeof openWorld>>;
type Run = {
  ok: boolean;
  text: string;
  told: string;
  stopped: string | null;
  file: string;
  answers: readonly Finding[];
};

const PERMISSIONS = ["api_key.read", "notification.read"];

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "conformance-"));
  path = join(folder, "new-key");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const nothingHeld = async () => new MemoryStore({});

async function runIn(
  { clock, paddle }: World,
  secret: string,
  {
    observer = paddle,
    openStore = nothingHeld,
  }: { observer?: PaddleObserver; openStore?: ConformanceDeps["openStore"] } = {},
): Promise<Run> {
  const terminal = pipedTerminal(`${secret}\n`);
  const options = { "key-from-stdin": true, "new-key-file": path };
  const own = { now: () => clock.now(), sleep: (ms: number) => clock.advance(ms) };
  const { ok, text, json } = await conformance(read(), options, terminal, {
    openStore,
    paddle: observer,
    clock: own,
  });
  const { stopped, answers } = json as { stopped: string | null; answers: readonly Finding[] };
  return { ok, text, told: terminal.told(), stopped, answers, file: await readFile(path, "utf8") };
}

async function run(
  switches: Partial<Switches> = {},
): Promise<Run & { worksAtTheEnd: boolean; all: readonly string[] }> {
  await using world = await openWorld({ switches });
  const { id, secret } = world.simulator.createKey({
    name: "burnt",
    permissions: PERMISSIONS,
    expiresAt: world.clock.now() + 20 * 86_400_000,
  });
  const done = await runIn(world, secret);
  const kept = secretsIn(done.file);
  const { current, old, rotations } = world.simulator.key(id);
  const all = [secret, current, ...old.map((each) => each.secret), ...rotations.map((each) => each.secret)];
  return { ...done, worksAtTheEnd: kept.length === 1 && kept[0] === current, all };
}

function secretsIn(file: string): string[] {
  return [...file.matchAll(/^[A-Z_]+=(.+)$/gm)].map(([, secret = ""]) => secret);
}

function answer({ answers }: Pick<Run, "answers">, id: QuestionId): string | null | undefined {
  return answers.find((finding) => finding.id === id)?.answer;
}

function wrong({ answers }: Run): QuestionId[] {
  return answers.filter(({ agrees, unlessSo }) => agrees === false && unlessSo !== null).map(({ id }) => id);
}

describe("conformance", () => {
  it("ends well where Paddle is as the rotator assumes, and leaves one working secret in a file of its owner", async () => {
    const done = await run();
    expect(done.stopped).toBeNull();
    expect(wrong(done)).toEqual([]);
    expect(done.answers.filter((finding) => finding.answer === null)).toEqual([]);
    expect(done.ok).toBe(true);
    expect(done.worksAtTheEnd).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("shows no secret, neither to people nor to programs", async () => {
    const done = await run();
    const shown = done.text + done.told + JSON.stringify(done.answers);
    expect(done.all.length).toBeGreaterThan(5);
    expect(done.all.filter((secret) => shown.includes(secret))).toEqual([]);
    expect(shown).not.toMatch(/pdl_sdbx_apikey_[a-z\d]{26}_/);
  });

  const FOLLOWS: readonly (readonly [Partial<Switches>, QuestionId, string])[] = [
    [{ createStatus: 201 }, "create-status", "201"],
    [{ createStatus: 200 }, "create-status", "200"],
    [{ newKeyOnGet: "always" }, "new-key-completed", "yes, whole"],
    [{ newKeyOnGet: "always" }, "new-key-canceled", "yes, whole"],
    [{ newKeyOnGet: "while-pending" }, "new-key-pending", "yes, whole"],
    [{ newKeyOnGet: "while-pending" }, "new-key-completed", "masked"],
    [{ newKeyOnGet: "never" }, "new-key-pending", "masked"],
    [{ newKeyInList: true }, "list-new-key", "canceled: yes, whole; completed: yes, whole"],
    [{ newKeyInList: false }, "list-new-key", "canceled: no; completed: no"],
    [{ rotationListOrder: "asc" }, "list-order", "oldest first"],
    [{ rotationListOrder: "desc" }, "list-order", "newest first"],
    [{ rotationTimes: true }, "created-at", "yes"],
    [{ rotationTimes: false }, "created-at", "no"],
    [{ rotationEchoesNewExpiry: false }, "expiry-echoed", "no"],
    [{ rotationEchoesNewExpiry: true }, "expiry-echoed", "yes"],
    [{ pendingExpiresAt: "null" }, "expires-at-pending", "null"],
    [{ pendingExpiresAt: "absent" }, "expires-at-pending", "absent"],
    [{ oldSecrets: "stack" }, "old-secrets", "the one before and the last"],
    [{ oldSecrets: "end-at-completion" }, "old-secrets", "the last"],
    [
      { oldSecrets: "end-at-post" },
      "old-secrets",
      "the last; the one before died as the second rotation was asked for",
    ],
    [{ oldSecrets: "stack" }, "earlier-graces", "no, 2 of 2 former secrets live on"],
    [{ oldSecrets: "end-at-completion" }, "earlier-graces", "no grace was left to end"],
    [{ otherKeyRotation: "forbidden" }, "other-key", "403 forbidden"],
    [{ otherKeyRotation: "not_found" }, "other-key", "404 not_found"],
    [{ otherKeyRotation: "bad_request" }, "other-key", "400 bad_request (api_key_id)"],
    [{ newExpiryInPast: "refuse" }, "expiry-past", "no: 400 bad_request (new_key_expires_at)"],
    [{ newExpiryInPast: "accept" }, "expiry-past", "yes"],
    [{ newExpiryMaxMs: null }, "expiry-far", "yes"],
    [{ newExpiryMaxMs: 366 * 86_400_000 }, "expiry-far", "no: 400 bad_request (new_key_expires_at)"],
    [{ newExpiryNull: "refuse" }, "expiry-null", "no: 400 bad_request (new_key_expires_at)"],
    [{ newExpiryNull: "clear" }, "expiry-null", "yes"],
    [{ callerAccount: "object" }, "caller-account", "as an object with id"],
    [{ callerAccount: "text" }, "caller-account", "as a string"],
    [{ ipsNeedKey: false }, "ips-open", "yes"],
    [{ ipsNeedKey: true }, "ips-open", "no: 403 authentication_missing"],
  ];

  it.each(FOLLOWS)("with %j answers %s by what it saw: %s", async (switches, id, expected) => {
    const done = await run(switches);
    expect(answer(done, id)).toBe(expected);
    expect(wrong(done)).toEqual([]);
    expect(done.worksAtTheEnd).toBe(true);
  });

  const BREAKS: readonly (readonly [Partial<Switches>, QuestionId, string])[] = [
    [{ canceledSecret: "accepted" }, "canceled-refused", "no"],
    [{ newExpiry: "refuse" }, "expiry-accepted", "no: 400 bad_request (new_key_expires_at)"],
    [{ rotationInGrace: "refuse" }, "post-in-grace", "no: 400 bad_request"],
    [{ oldSecretOutlivesMs: 1_000 }, "grace-zero", "no, only within 2 s"],
    [{ oldSecretOutlivesMs: 60_000 }, "grace-zero", "no, it lives after 2 s"],
  ];

  it.each(BREAKS)(
    "with %j fails for %s, says what it means, and keeps the key",
    async (switches, id, expected) => {
      const done = await run(switches);
      expect(answer(done, id)).toBe(expected);
      expect(wrong(done)).toEqual([id]);
      expect(done.ok).toBe(false);
      expect(done.text).toContain("WRONG");
      expect(done.text).toContain("which means: ");
      expect(done.text).toContain("1 assumption that the rotator relies on");
      expect(done.worksAtTheEnd).toBe(true);
    },
  );

  it.each([
    [true, "yes"],
    [false, "no"],
  ])("tells whether dead keys are listed: %s", async (listDeadKeys, expected) => {
    await using world = await openWorld({ switches: { listDeadKeys } });
    const { id } = world.simulator.createKey({ name: "dead" });
    world.simulator.revoke(id, { by: "user" });
    const { secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
    expect(answer(await runIn(world, secret), "dead-keys-listed")).toBe(expected);
  });

  it("says that it did not ask for dead keys where the key must not list any", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "burnt", permissions: ["transaction.read"] });
    const done = await runIn(world, secret);
    expect(answer(done, "dead-keys-listed")).toBe("not asked: the key lacks api_key.read");
    expect(done.ok).toBe(true);
  });

  it("has each secret in the file before it is used for the first time, and a working one at every moment", async () => {
    await using world = await openWorld({ switches: { canceledSecret: "accepted" } });
    const { secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
    const unsaved: string[] = [];
    const lost: string[] = [];
    const used = new Set([secret]);
    const observer: PaddleObserver = {
      observe: async (question) => {
        const kept = secretsIn(await readFile(path, "utf8").catch(() => `KEY=${secret}`));
        const { as } = question;
        if (as instanceof Secret) {
          if (!used.has(as.reveal()) && !kept.includes(as.reveal())) unsaved.push(question.path);
          used.add(as.reveal());
        }
        if (!kept.some((each) => world.simulator.isAlive(each))) lost.push(question.path);
        return world.paddle.observe(question);
      },
    };
    await runIn(world, secret, { observer });
    expect(unsaved).toEqual([]);
    expect(lost).toEqual([]);
    expect(used.size).toBeGreaterThan(5);
  });

  // Every request of a whole run, of which one gets no answer, although Paddle acted on it.
  it.each(Array.from({ length: 42 }, (_, index) => index + 1))(
    "keeps a working secret in the file if the answer to request %i is lost",
    async (number) => {
      await using world = await openWorld();
      const { secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
      let asked = 0;
      world.simulator.faults.add({
        when: () => ++asked === number || asked === number + 1,
        times: 2,
        do: { kind: "lose-response" },
      });
      const ended = await runIn(world, secret).catch(() => null);
      const file = await readFile(path, "utf8").catch(() => `KEY=${secret}`);
      expect(secretsIn(file).some((each) => world.simulator.isAlive(each))).toBe(true);
      if (ended) expect(ended.text).not.toContain("Paddle refuses every secret");
    },
  );

  it("waits while Paddle asks for silence, and then goes on", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
    const [first] = [
      { status: 429, code: "too_many_requests", fields: [], data: null, limits: { "retry-after": "1" } },
    ];
    let left = 2;
    const observer: PaddleObserver = {
      observe: async (question) => (left-- > 0 && first ? first : world.paddle.observe(question)),
    };
    const done = await runIn(world, secret, { observer });
    expect(done.ok).toBe(true);
    expect(answer(done, "limit-headers")).toBe("retry-after");
  });

  it("uses no secret that it could not save, and says so", async () => {
    await using world = await openWorld();
    const { id, secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
    const observer: PaddleObserver = {
      observe: async (question) => {
        // A folder in the place of the file: nothing can be written there any more.
        if (question.path.includes(id) && question.method === "POST")
          await rm(path, { force: true, recursive: true }).then(() => mkdir(path, { recursive: true }));
        return world.paddle.observe(question);
      },
    };
    const options = { "key-from-stdin": true, "new-key-file": path };
    const clock = { now: () => world.clock.now(), sleep: async () => {} };
    const deps = { openStore: nothingHeld, paddle: observer, clock };
    const { ok, text } = await conformance(read(), options, pipedTerminal(secret), deps);
    expect(ok).toBe(false);
    expect(text).toContain("is a link, a folder or a device");
    expect(world.simulator.activatedRotations(id)).toBe(0);
    expect(world.simulator.isAlive(secret)).toBe(true);
  });

  it("stops where Paddle answers what nothing can be asked after, and says how many questions are open", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "burnt", permissions: PERMISSIONS });
    world.simulator.faults.add({
      when: { method: "POST", path: /^\/api-keys\/(?!apikey_0{26})/ },
      times: 100,
      do: { kind: "status", status: 500 },
    });
    const done = await runIn(world, secret);
    expect(done.ok).toBe(false);
    expect(done.stopped).toBe("Paddle refuses to rotate the key: 500 internal_error");
    expect(done.text).toMatch(/stopped early, \d\d questions are open/);
    expect(secretsIn(done.file)).toEqual([secret]);
  });
});

describe("conformance refuses", () => {
  it("a live key, and asks Paddle nothing", async () => {
    await using world = await openWorld();
    const live = `pdl_live_apikey_${"a".repeat(26)}_${"B".repeat(22)}_abc`;
    await expect(runIn(world, live)).rejects.toThrow("this is no sandbox key");
    expect(world.simulator.requests).toEqual([]);
  });

  it("a key that the configuration manages, in whichever slot it is", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "billing" });
    for (const slot of ["active", "standby"] as const) {
      const openStore = async () => new MemoryStore({ [slot]: unknownOrigin(new Secret(secret)) });
      await expect(runIn(world, secret, { openStore })).rejects.toThrow("this is the key of billing");
    }
    expect(world.simulator.requests).toEqual([]);
  });

  it("to guess where a store that might hold the key cannot be read", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "burnt" });
    const openStore = () => Promise.reject(new Error("no such store"));
    await expect(runIn(world, secret, { openStore })).rejects.toThrow(
      "whether this is the key of billing cannot be seen",
    );
    expect(world.simulator.requests).toEqual([]);
  });

  it("a key that cannot be rotated", async () => {
    await using world = await openWorld();
    const { secret } = world.simulator.createKey({ name: "fixed", rotatable: false });
    await expect(runIn(world, secret)).rejects.toThrow("this key is active and not rotatable");
  });

  it("a file that holds something else, before it changes anything", async () => {
    await using world = await openWorld();
    const { id, secret } = world.simulator.createKey({ name: "burnt" });
    await writeFile(path, "ACTIVE_PADDLE_KEY=another\n");
    await expect(runIn(world, secret)).rejects.toThrow("exists and holds something else");
    expect(await readFile(path, "utf8")).toBe("ACTIVE_PADDLE_KEY=another\n");
    expect(world.simulator.key(id).rotations).toEqual([]);
  });

  it("to begin without both of its options", async () => {
    const deps = {
      openStore: nothingHeld,
      paddle: { observe: () => Promise.reject(new Error("asked")) },
      clock: { now: () => 0, sleep: async () => {} },
    };
    await expect(conformance(read(), { "new-key-file": path }, pipedTerminal(), deps)).rejects.toThrow(
      "--key-from-stdin",
    );
    await expect(conformance(read(), { "key-from-stdin": true }, pipedTerminal(), deps)).rejects.toThrow(
      "--new-key-file",
    );
  });
});
