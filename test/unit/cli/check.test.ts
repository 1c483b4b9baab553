/** What `check` says of stores: what is wrong, what is missing, and what the rotator needs. */
import { describe, expect, it } from "vitest";
import { check, type OpenStore } from "../../../src/cli/check.ts";
import type { OpenConsumer } from "../../../src/cli/check-consumers.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { FILE, read } from "../config/sources.ts";

const held = unknownOrigin(new Secret("pdl_sdbx_apikey_canary"));

class Store extends MemoryStore implements SecretStore {
  override readonly location = "a secret";
  override readonly guide = { applicationsRead: "the secret", needs: ["grant it:", "  all"] };
  readonly #undone: readonly string[];

  constructor(slot: "active" | "standby" | null, undone: readonly string[] = []) {
    super(slot === null ? {} : { [slot]: held });
    this.#undone = undone;
  }

  override checkWritable(): Promise<readonly string[]> {
    return Promise.resolve(this.#undone);
  }
}

const noConsumer: OpenConsumer = () => Promise.reject(new Error("there is no consumer"));
const checked = (openStore: OpenStore, yaml = FILE, openConsumer = noConsumer) =>
  check(read({ yaml }), openStore, openConsumer);

describe("check", () => {
  it("ends well where every store holds its secret and can be written", async () => {
    const { ok, text } = await checked(async () => new Store("active"));
    expect(ok).toBe(true);
    expect(text).toBe(
      "ok      configuration\nok      billing: a secret\n        applications read the secret",
    );
  });

  it("warns of what a write leaves undone, prints what would mend it, and ends well", async () => {
    const { ok, text, json } = await checked(async () => new Store("active", ["it is left undone: grant"]));
    expect(ok).toBe(true);
    expect(text.split("\n").slice(3)).toEqual([
      "warning billing: it is left undone: grant",
      "        what the rotator needs there:",
      "          grant it:",
      "            all",
    ]);
    expect(json).toMatchObject({ ok: true, keys: [{ fault: null, warnings: ["it is left undone: grant"] }] });
  });

  it("fails where the secret is missing, and warns all the same", async () => {
    const { ok, text } = await checked(async () => new Store(null, ["it is left undone"]));
    expect(ok).toBe(false);
    expect(text.split("\n").slice(1, 3)).toEqual([
      "failed  billing: holds no active secret: put a rotatable Paddle API key there",
      "warning billing: it is left undone",
    ]);
  });

  it("opens a standby's store as one, and looks for the standby there", async () => {
    const asked: string[] = [];
    const openStore: OpenStore = async (_options, holds) => (asked.push(holds), new Store(holds));
    const { ok, text } = await checked(
      openStore,
      `${FILE}    standby: { store: { type: env-file, path: ./standby.env } }\n`,
    );
    expect(asked).toEqual(["active", "standby"]);
    expect(ok).toBe(true);
    expect(text).toContain("billing-standby: a secret\n        a standby, which no application reads");
  });

  const WITH_CONSUMER = `${FILE}    consumers: [{ name: worker, type: none }]\n`;
  const opened = (consumer: MemoryConsumer): OpenConsumer => {
    return async () => Object.assign(consumer, { needs: ["grant this:", "  and that"] });
  };

  it("looks at consumers and tells them nothing", async () => {
    const consumer = new MemoryConsumer("worker", ["one", "two"]);
    const { ok, text } = await checked(async () => new Store("active"), WITH_CONSUMER, opened(consumer));
    expect(ok).toBe(true);
    expect(text).toContain(
      `ok      billing, consumer worker: 0 of 2 instances use ${held.secret.fingerprint()}`,
    );
    expect(consumer.told).toEqual([]);
  });

  it("fails where a consumer cannot be looked at, and prints what the rotator needs there", async () => {
    const consumer = new MemoryConsumer("worker", ["one"]);
    consumer.isReachable = false;
    const { ok, text, json } = await checked(
      async () => new Store("active"),
      WITH_CONSUMER,
      opened(consumer),
    );
    expect(ok).toBe(false);
    expect(text.split("\n").slice(3)).toEqual([
      "failed  billing: worker does not answer: start it",
      "        what the rotator needs there:",
      "          grant this:",
      "            and that",
    ]);
    expect(json).toMatchObject({ ok: false, consumers: [{ key: "billing", name: "worker", says: null }] });
  });

  it("looks at no consumer where the store holds no secret", async () => {
    const consumer = new MemoryConsumer("worker", ["one"]);
    consumer.isReachable = false;
    const { text } = await checked(async () => new Store(null), WITH_CONSUMER, opened(consumer));
    expect(text).toContain("ok      billing, consumer worker: not looked at: there is no active secret");
  });
});
