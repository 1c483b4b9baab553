/** What `check` says of stores and consumers: what is wrong, what is missing, and what the rotator needs. */
import { describe, expect, it } from "vitest";
import { type CheckDeps } from "../../../src/cli/check/check.ts";
import { type KeyDeps, lookAtKey } from "../../../src/cli/check/key.ts";
import { linesOf } from "../../../src/cli/check/finding.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { ACTIVE, KEY_ID, NOW, OTHER_KEY_ID, secretOf } from "../../support/admin/keys.ts";
import { DeskPaddle } from "../../support/admin/neighbours.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { FILE, read } from "../config/sources.ts";

const STANDBY = unknownOrigin(secretOf("Standby", OTHER_KEY_ID));
const HELD = { active: ACTIVE, standby: STANDBY };

class Store extends MemoryStore implements SecretStore {
  override readonly location = "a secret";
  override readonly guide = { applicationsRead: "the secret", needs: ["grant it:", "  all"] };
  readonly #undone: readonly string[];

  constructor(slots: ConstructorParameters<typeof MemoryStore>[0] = HELD, undone: readonly string[] = []) {
    super(slots);
    this.#undone = undone;
  }

  override checkWritable(): Promise<readonly string[]> {
    return Promise.resolve(this.#undone);
  }
}

type Given = Partial<KeyDeps> & { readonly yaml?: string };

/** The findings about the one key, as lines. */
async function look({ yaml = FILE, ...given }: Given = {}): Promise<string[]> {
  const config = read({ yaml });
  const [key] = config.keys;
  if (!key) throw new Error("there is no key");
  const deps: KeyDeps = {
    clock: new FakeClock(NOW),
    paddle: Object.assign(new DeskPaddle(), { listDestinations: async () => [] }),
    openStore: async () => new Store(),
    openConsumer: () => Promise.reject(new Error("there is no consumer")),
    ...given,
  };
  const { findings } = await lookAtKey(key, config, deps, { clock: deps.clock, tell: null });
  return findings.flatMap(linesOf);
}

describe("check of a store", () => {
  it("says where the secret is and what applications read", async () => {
    expect((await look())[0]).toBe("ok      billing: a secret; applications read the secret");
  });

  it("warns of what a write leaves undone, and prints what would mend it", async () => {
    const lines = await look({ openStore: async () => new Store(HELD, ["it is left undone: grant"]) });
    expect(lines.slice(1, 5)).toEqual([
      "warning billing: it is left undone: grant",
      "        what the rotator needs there:",
      "          grant it:",
      "            all",
    ]);
  });

  it("fails where the secret is missing, and warns all the same", async () => {
    const lines = await look({
      openStore: async () => new Store({ standby: STANDBY }, ["it is left undone"]),
    });
    expect(lines.slice(0, 3)).toEqual([
      "failed  billing: a secret holds no active secret",
      "        fix: create a rotatable key in Paddle > Developer tools > Authentication and put it there",
      "warning billing: it is left undone",
    ]);
  });

  it("opens a standby's store as one, and looks for the standby there", async () => {
    const asked: string[] = [];
    const openStore: CheckDeps["openStore"] = async (_options, holds) => {
      asked.push(holds);
      return new Store({ [holds]: HELD[holds] });
    };
    const yaml = `${FILE}    standby: { store: { type: env-file, path: ./standby.env } }\n`;
    const lines = await look({ yaml, openStore });
    expect(asked.toSorted()).toEqual(["active", "standby"]);
    expect(lines).toContain("ok      billing-standby: a secret; no application reads it");
    expect(lines).toContainEqual(expect.stringMatching(/^ok {6}billing-standby: apikey_\S+ can take over/));
  });

  it("asks Paddle with the active secret and the standby, and with no other", async () => {
    const paddle = Object.assign(new DeskPaddle(), { listDestinations: async () => [] });
    const pending = { ...ACTIVE, secret: secretOf("Pending"), mode: "graceful", graceSeconds: 1 } as const;
    const old = { ...ACTIVE, secret: secretOf("Old"), until: NOW };
    await look({ paddle, openStore: async () => new Store({ ...HELD, pending, old }) });
    expect(paddle.asked.toSorted()).toEqual([
      `${KEY_ID} ${ACTIVE.secret.fingerprint()}`,
      `${OTHER_KEY_ID} ${STANDBY.secret.fingerprint()}`,
    ]);
  });

  it("tells a refusal while a rotation is under way from a dead key", async () => {
    const paddle = Object.assign(new DeskPaddle(), { listDestinations: async () => [] });
    paddle.says(ACTIVE.secret, { accepted: false });
    const pending = {
      ...ACTIVE,
      secret: secretOf("Pending"),
      mode: "revoke-first",
      graceSeconds: 0,
    } as const;
    const underWay = await look({ paddle, openStore: async () => new Store({ ...HELD, pending }) });
    expect(underWay).toContainEqual(expect.stringContaining("fix: a rotation is under way"));
    const dead = await look({ paddle });
    expect(dead).toContainEqual(expect.stringContaining("npm run rotator -- replace billing"));
  });
});

describe("check of a consumer", () => {
  const yaml = `${FILE}    consumers: [{ name: worker, type: none }]\n`;
  const opened = (consumer: MemoryConsumer) => async () =>
    Object.assign(consumer, { needs: ["grant this:", "  and that"] });

  it("looks at it and tells it nothing", async () => {
    const consumer = new MemoryConsumer("worker", ["one", "two"]);
    const lines = await look({ yaml, openConsumer: opened(consumer) });
    expect(lines).toContain(
      `ok      billing, consumer worker: 0 of 2 instances use ${ACTIVE.secret.fingerprint()}.`,
    );
    expect(consumer.told).toEqual([]);
  });

  it("fails where it cannot be looked at, and prints what the rotator needs there", async () => {
    const consumer = new MemoryConsumer("worker", ["one"]);
    consumer.isReachable = false;
    const lines = await look({ yaml, openConsumer: opened(consumer) });
    const at = lines.indexOf("failed  billing, consumer worker: worker does not answer: start it");
    expect(lines.slice(at + 1, at + 4)).toEqual([
      "        what the rotator needs there:",
      "          grant this:",
      "            and that",
    ]);
  });

  it("looks at none where the store holds no secret", async () => {
    const consumer = new MemoryConsumer("worker", ["one"]);
    consumer.isReachable = false;
    const lines = await look({ yaml, openStore: async () => new Store({}), openConsumer: opened(consumer) });
    expect(lines).toContain("ok      billing, consumer worker: not looked at: there is no active secret");
  });
});
