/** What is forgotten, and what never is: records of years leave no more behind than those of one year do. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Forgetting, Json, Records } from "../../../src/core/ports.ts";
import { QueueError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { nameSwitchOver } from "../../../src/core/switch-over-id.ts";
import { callOff, isOpen, tellOnce } from "../../../src/alerts/incidents.ts";
import { createRetention, KEPT_MS } from "../../../src/reconcile/retention/retention.ts";
import { KEPT_FOR_EVER, MARKS } from "../../../src/reconcile/retention/marks.ts";
import { FaultyStore } from "../../support/memory-store.ts";
import { DAY_MS, World } from "./world.ts";

const AGED = KEPT_MS + DAY_MS;
const GONE = new Secret("in no store").fingerprint();

function place({ auditMs = null as number | null } = {}) {
  const world = new World();
  const managed = world.manage("billing");
  const print = managed.store.slots.active?.secret.fingerprint() ?? "";
  const open = (records: Records & Forgetting = world.records) =>
    createRetention({ ...world.ports, records, keys: [managed.key], auditMs });
  const put = (kind: string, id: string, value: Json) => world.records.putIfAbsent(kind, id, value);
  const has = async (kind: string, id: string) => (await world.records.get(kind, id)) !== undefined;
  const raise = (id: string) => ({
    id,
    kind: "job-failing",
    severity: "warning" as const,
    keyName: "billing",
    keyId: managed.keyId,
    happened: "It fails.",
    action: null,
    raisedAt: world.clock.now(),
  });
  const length = async (list: string) => (await world.records.list(list, { limit: 9_999 })).length;
  return { world, ...managed, print, open, put, has, raise, length, ports: world.ports };
}

describe("retention", () => {
  it("forgets a mark that is older than 400 days, and not one of 399", async () => {
    const { world, put, has, open } = place();
    await put("doubted", `${GONE}-apkrot_1`, world.clock.now());
    await world.clock.advance(DAY_MS);
    await put("doubted", `${GONE}-apkrot_2`, world.clock.now());
    await world.clock.advance(KEPT_MS - 1_000);
    await open().forgetSome();
    expect(await has("doubted", `${GONE}-apkrot_1`)).toBe(false);
    expect(await has("doubted", `${GONE}-apkrot_2`)).toBe(true);
  });

  it("never forgets since when a secret is in use, however old it is", async () => {
    const { world, print, put, has, open } = place();
    for (const id of [print, GONE]) await put("first-seen", id, world.clock.now());
    await world.clock.advance(10 * AGED);
    await open().forgetSome();
    expect(await has("first-seen", print)).toBe(true);
    expect(await has("first-seen", GONE)).toBe(false);
  });

  it("keeps everything about secrets while a store cannot be read, for they may be in it", async () => {
    const { world, key, put, has } = place();
    const store = new FaultyStore(key.store);
    store.failNext("read");
    const retention = createRetention({ ...world.ports, keys: [{ ...key, store }], auditMs: null });
    await put("first-seen", GONE, world.clock.now());
    await world.clock.advance(AGED);
    await retention.forgetSome();
    expect(await has("first-seen", GONE)).toBe(true);
    await world.clock.advance(DAY_MS);
    await retention.forgetSome();
    expect(await has("first-seen", GONE)).toBe(false);
  });

  it("remembers whom the latest switch-over was told, so that no application is restarted twice for it", async () => {
    const { world, put, has, open } = place();
    const latest = nameSwitchOver("billing", await world.records.append("switch-overs-billing", {}));
    const former = nameSwitchOver("billing", "another entry");
    for (const id of [latest, former]) {
      await put("consumers-told", `${id}-web`, world.clock.now());
      await put("consumer-told", `${id}.web`, { at: new Date(world.clock.now()).toISOString() });
    }
    await world.clock.advance(AGED);
    await open().forgetSome();
    for (const kind of ["consumers-told", "consumer-told"]) {
      const sign = kind === "consumer-told" ? "." : "-";
      expect(await has(kind, `${latest}${sign}web`)).toBe(true);
      expect(await has(kind, `${former}${sign}web`)).toBe(false);
    }
  });

  it("never forgets an open incident, nor who was told of it, and so people hear of its end", async () => {
    const { ports, world, put, has, open, raise } = place();
    await tellOnce(raise("open-one"), ports);
    await put("incident-channels", "open-one-on-call", world.clock.now());
    await put("alert-log", "open-one-again-3", world.clock.now());
    await world.clock.advance(3 * AGED);
    await open().forgetSome();
    expect(await isOpen("open-one", world.records)).toBe(true);
    expect(await has("incident-channels", "open-one-on-call")).toBe(true);
    expect(await has("alert-log", "open-one-again-3")).toBe(true);
    await callOff("open-one", raise("open-one-over"), ports);
    expect(world.raised.has("open-one-over")).toBe(true);
  });

  it("never forgets who was told that a key could not be checked: that comes again under the same id", async () => {
    const { put, world, has, open } = place();
    await put("incident-channels", "key-unchecked-billing-on-call", world.clock.now());
    await world.clock.advance(3 * AGED);
    await open().forgetSome();
    expect(await has("incident-channels", "key-unchecked-billing-on-call")).toBe(true);
  });

  it("is made once where two sweeps run at the same time", async () => {
    const { put, world, has, open } = place();
    await put("alert-log", "one", world.clock.now());
    await world.clock.advance(AGED);
    const retention = open();
    await Promise.all([retention.forgetSome(), retention.forgetSome()]);
    expect(await has("alert-log", "one")).toBe(false);
    expect(world.captured.lines.map(({ msg }) => msg)).toEqual(["old records forgotten"]);
  });

  it("forgets an incident 400 days after its end, with all that is known of it", async () => {
    const { ports, world, put, has, open, raise } = place();
    await tellOnce(raise("one"), ports);
    await put("incident-channels", "one-ops", world.clock.now());
    await put("alert-log", "one", world.clock.now());
    await world.clock.advance(AGED);
    await callOff("one", raise("one-over"), ports);
    await world.clock.advance(KEPT_MS - 1_000);
    await open().forgetSome();
    expect(await has("incident-channels", "one-ops")).toBe(true);
    await world.clock.advance(DAY_MS);
    await open().forgetSome();
    const kinds = ["incidents", "incidents-over", "alert-log"];
    for (const kind of kinds) expect(await has(kind, "one")).toBe(false);
    expect(await has("incident-channels", "one-ops")).toBe(false);
  });

  it("never brings an incident back to life, wherever the process dies", async () => {
    const { ports, world, open, raise } = place();
    await tellOnce(raise("one"), ports);
    await callOff("one", raise("one-over"), ports);
    await world.clock.advance(AGED);
    const dies: Records & Forgetting = {
      ...world.records,
      forget: async (kind, ids) => {
        await world.records.forget(kind, ids);
        throw new QueueError("the process died", { effect: "unknown", retry: "later" });
      },
    };
    for (let deaths = 0; deaths < 3; deaths += 1) {
      await open(dies).forgetSome();
      expect(await isOpen("one", world.records)).toBe(false);
    }
    await open().forgetSome();
    expect(await world.records.get("incidents-over", "one")).toBeUndefined();
  });

  it("keeps how often a job recovered until its last failures are long over", async () => {
    const { ports, world, open, raise, length } = place();
    await tellOnce(raise("job-failing-evt_1"), ports);
    await callOff("job-failing-evt_1", raise("over-1"), ports);
    const entry = await world.records.append("job-recoveries-evt_1", { after: 3, at: world.clock.now() });
    await world.clock.advance(AGED);
    const again = `job-failing-evt_1-${entry}`;
    await tellOnce(raise(again), ports);
    await open().forgetSome();
    expect(await length("job-recoveries-evt_1")).toBe(1);
    expect(await isOpen(again, world.records)).toBe(true);
    await callOff(again, raise("over-2"), ports);
    // The later incident goes with the first pass, the one it depends on with the second.
    for (let pass = 0; pass < 2; pass += 1) {
      await world.clock.advance(AGED);
      await open().forgetSome();
    }
    expect(await length("job-recoveries-evt_1")).toBe(0);
    expect(await world.records.get("incidents", "job-failing-evt_1")).toBeUndefined();
  });

  it("leaves of each list what is read of it, and not what was added meanwhile", async () => {
    const { world, keyId, open, length } = place();
    const lists = {
      "good-sweeps": 1,
      [`issued-${keyId}`]: 200,
      "pages-billing": 200,
      [`seen-${keyId}-ended`]: 1,
    };
    for (const list of Object.keys(lists))
      for (let entry = 0; entry < 250; entry += 1) await world.records.append(list, entry);
    await open().forgetSome();
    for (const [list, kept] of Object.entries(lists)) {
      expect([list, await length(list)]).toEqual([list, kept]);
      expect(await world.records.list(list, { limit: 1 })).toMatchObject([{ value: 249 }]);
    }
  });

  it("forgets what happened to a key that was replaced long ago, and not that it was ours", async () => {
    const { world, keyId, put, has, open, length } = place();
    for (const id of ["apikey_former", keyId]) {
      await put("former-keys", id, { keyName: "billing", at: world.clock.now() });
      await world.records.append(`exposures-${id}`, 1);
    }
    await world.clock.advance(AGED);
    await open().forgetSome();
    expect(await length("exposures-apikey_former")).toBe(0);
    expect(await length(`exposures-${keyId}`)).toBe(1);
    expect(await has("former-keys", "apikey_former")).toBe(true);
  });

  it("keeps audit records for ever, unless the configuration says for how long", async () => {
    for (const [auditMs, left] of [
      [null, 300],
      [100 * DAY_MS, 100],
    ] as const) {
      const { world, put, has, open, length } = place({ auditMs });
      for (let day = 0; day < 300; day += 1) {
        const record = {
          id: `evt_${day}`,
          outcome: "done",
          endedAt: new Date(world.clock.now()).toISOString(),
        };
        const entry = await world.records.append("audit", record);
        await put("audit", `done-evt_${day}`, entry);
        await world.clock.advance(DAY_MS);
      }
      await open().forgetSome();
      expect(await length("audit")).toBe(left);
      expect(await has("audit", "done-evt_0")).toBe(auditMs === null);
      expect(await has("audit", "done-evt_299")).toBe(true);
    }
  });

  it("stops after two seconds and goes on in the next sweep, until the pass is through", async () => {
    const { world, put, has, open } = place();
    const ids = Array.from({ length: 40 }, (_, index) => `${GONE}-${String(index).padStart(2, "0")}`);
    for (const id of ids) await put("doubted", id, world.clock.now());
    await world.clock.advance(AGED);
    const slow: Records & Forgetting = {
      ...world.records,
      scan: async (kind, from) => {
        await world.clock.advance(1_500);
        return world.records.scan(kind, from);
      },
    };
    const retention = open(slow);
    await retention.forgetSome();
    expect(await has("doubted", ids[0] ?? "")).toBe(true);
    for (let sweeps = 0; sweeps < 20; sweeps += 1) await retention.forgetSome();
    for (const id of ids) expect(await has("doubted", id)).toBe(false);
  });

  it("never fails a sweep: what cannot be forgotten now is forgotten next time", async () => {
    const { world, put, has, open } = place();
    await put("doubted", `${GONE}-1`, world.clock.now());
    await world.clock.advance(AGED);
    let isDown = true;
    const retention = open({
      ...world.records,
      scan: (kind, from) =>
        isDown
          ? Promise.reject(new QueueError("no answer", { effect: "none", retry: "later" }))
          : world.records.scan(kind, from),
    });
    await retention.forgetSome();
    expect(await has("doubted", `${GONE}-1`)).toBe(true);
    isDown = false;
    await retention.forgetSome();
    expect(await has("doubted", `${GONE}-1`)).toBe(false);
  });

  it("knows every kind of mark that is ever put", () => {
    const known = new Set([...MARKS, ...KEPT_FOR_EVER, "incidents", "incidents-over", "audit"]);
    const unknown = globSync("src/**/*.ts")
      .filter((file) => !file.startsWith("src/records/"))
      .flatMap((file) => kindsPutIn(readFileSync(file, "utf8")).map((kind) => `${kind} in ${file}`))
      .filter((found) => !known.has(found.split(" ")[0] ?? ""));
    expect(unknown).toEqual([]);
  });
});

/** The kinds of a file's marks: a text, or the constant that holds it. */
function kindsPutIn(text: string): string[] {
  return [...text.matchAll(/putIfAbsent\(\s*("[^"]+"|\w+)/g)].flatMap(([, what = ""]) => {
    if (what.startsWith('"')) return what.slice(1, -1);
    const constant = new RegExp(`const ${what} = "([^"]+)"`).exec(text);
    return constant ? [constant[1] ?? ""] : [];
  });
}
