/** What every implementation of the Consumer port promises. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type Consumer, ConsumerError, type Progress, type SwitchOver } from "../../src/core/consumer.ts";

/** An application on some platform, before anybody told it of a switch-over. */
export type ConsumerPlace = AsyncDisposable & {
  /** A consumer for this application; each call gives one of its own, as every process has. Its deadlines are short. */
  consumer(): Promise<Consumer>;
  /** How many switch-overs the application has begun because it was told. Being told of one twice counts once. */
  told(): Promise<number>;
  /** So many of the application's instances use the secret of `switchOver` from now on; the others keep what they use. */
  goOn(how: "some" | "all", switchOver: SwitchOver): Promise<void>;
  /** All that can be seen of the application and its platform, besides that somebody looked. */
  everything(): Promise<string>;
  /** Ways to make the application or its platform fail. `notify` or `observe` must then fail, or both. */
  readonly breakages: Readonly<Record<string, () => Promise<void>>>;
  /** Texts that must be seen nowhere: tokens, signing secrets, passwords. */
  readonly secrets: readonly string[];
  /** Where the application chooses names and words itself: makes it choose those that could do harm. */
  readonly beHostile?: (words: readonly string[]) => Promise<void>;
  /** Where an answer can be lost: loses that to the next notification, which is carried out. */
  readonly loseNextAnswer?: () => Promise<void>;
};

export type OpenConsumerPlace = () => Promise<ConsumerPlace>;

/**
 * `instances`: names who has switched over and who lags. `whole`: knows whether all have, and no names.
 * `nothing`: cannot show what the application uses.
 */
export type Proof = "instances" | "whole" | "nothing";

const SWITCH_OVER: SwitchOver = {
  id: "sw_7f3a9c",
  keyName: "billing-worker",
  rotationId: "apkrot_01kad0000000000000000000d1",
  fingerprint: "sha256:0123456789abcdef",
};
const NEXT: SwitchOver = {
  ...SWITCH_OVER,
  id: "sw_next",
  rotationId: null,
  fingerprint: "sha256:fedcba9876543210",
};

/** What could forge a line, a link or a mention, hide text from its reader, or be a secret. */
const HOSTILE: readonly string[] = [
  "pod\r\nX-Forged: yes",
  "\u001b[31mred\u001b[0m",
  "\u202Egnp.exe",
  "zero\u200Bwidth\u0000",
  "a".repeat(10_000),
  `pdl_live_apikey_01kad0000000000000000000d1_${"aB3".repeat(8)}_xYz`,
  "Bearer abcdefghijklmnop",
  "__proto__",
  "half of a \ud83d",
  "",
];
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
const SECRET_LIKE = /pdl_live_apikey_|Bearer [a-z]/;

export function consumerContract(name: string, open: OpenConsumerPlace, proof: Proof): void {
  describe(`${name}, as a Consumer`, () => {
    it("is known by its name, and says how long it may take", async () => {
      await using place = await open();
      const consumer = await place.consumer();
      expect(consumer.name).toMatch(/^[a-z0-9-]{1,63}$/);
      expect(consumer.refreshMs).toBeGreaterThanOrEqual(0);
      expect(consumer.timeoutMs).toBeGreaterThan(0);
      showsNoneOf(place.secrets, consumer);
      showsNoneOf(place.secrets, consumer.needs);
    });

    tellingContract(open);
    if (proof === "nothing") blindContract(open);
    else proofContract(open, proof);
    troubleContract(open);
  });
}

function tellingContract(open: OpenConsumerPlace): void {
  it("makes the application switch over once, however often and by whichever process it is told", async () => {
    await using place = await open();
    const [one, other] = [await place.consumer(), await place.consumer()];
    await one.notify(SWITCH_OVER);
    await one.notify(SWITCH_OVER);
    await other.notify(SWITCH_OVER);
    const times = await place.told();
    await one.notify(NEXT);
    // Once for each switch-over, or never at all where the application finds out by itself.
    expect(await place.told()).toBe(2 * times);
    expect(times).toBeLessThanOrEqual(1);
  });

  it("makes the application switch over once although the answer was lost", async () => {
    await using place = await open();
    if (!place.loseNextAnswer) return;
    const consumer = await place.consumer();
    await place.loseNextAnswer();
    await consumer.notify(SWITCH_OVER).catch((error: unknown) => {
      expect(error).toMatchObject({ name: "ConsumerError", effect: "unknown", retry: "later" });
    });
    await consumer.notify(SWITCH_OVER);
    expect(await place.told()).toBe(1);
  });

  it("changes nothing by looking", async () => {
    await using place = await open();
    const consumer = await place.consumer();
    const untouched = await place.everything();
    await consumer.observe(SWITCH_OVER);
    expect(await place.everything()).toBe(untouched);
    expect(await place.told()).toBe(0);

    await consumer.notify(SWITCH_OVER);
    const notified = await place.everything();
    await consumer.observe(SWITCH_OVER);
    await consumer.observe(NEXT);
    expect(await place.everything()).toBe(notified);
  });
}

function blindContract(open: OpenConsumerPlace): void {
  it("says that it proves nothing, before and after, and names nobody", async () => {
    await using place = await open();
    const consumer = await place.consumer();
    expect(await look(consumer)).toMatchObject({ state: "unprovable", instances: [] });
    await consumer.notify(SWITCH_OVER);
    await place.goOn("all", SWITCH_OVER);
    expect(await look(consumer)).toMatchObject({ state: "unprovable", instances: [] });
  });
}

function proofContract(open: OpenConsumerPlace, proof: "instances" | "whole"): void {
  it("is under way until every instance has switched over, and proved then", async () => {
    await using place = await open();
    const consumer = await place.consumer();
    expect((await look(consumer)).state).toBe("under-way");

    await consumer.notify(SWITCH_OVER);
    expect((await look(consumer)).state).toBe("under-way");

    await place.goOn("some", SWITCH_OVER);
    const some = await look(consumer);
    expect(some.state).toBe("under-way");
    const states = new Set(some.instances.map(({ state }) => state));
    expect(states).toEqual(new Set(proof === "whole" ? [] : ["switched", "lagging"]));

    await place.goOn("all", SWITCH_OVER);
    const all = await look(consumer);
    expect(all.state).toBe("proved");
    expect(all.instances.filter(({ state }) => state === "lagging")).toEqual([]);
    expect(all.instances.length > 0).toBe(proof === "instances");
  });

  it("takes the proof of one switch-over for no proof of the next", async () => {
    await using place = await open();
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    await place.goOn("all", SWITCH_OVER);
    expect((await look(consumer)).state).toBe("proved");
    expect((await look(consumer, NEXT)).state).toBe("under-way");

    await consumer.notify(NEXT);
    await place.goOn("all", NEXT);
    expect((await look(consumer, NEXT)).state).toBe("proved");
  });

  it("is seen by every process alike", async () => {
    await using place = await open();
    await (await place.consumer()).notify(SWITCH_OVER);
    await place.goOn("some", SWITCH_OVER);
    const [one, other] = [await place.consumer(), await place.consumer()];
    expect(await look(one)).toEqual(await look(other));
  });
}

function troubleContract(open: OpenConsumerPlace): void {
  it("says which consumer fails, proves nothing meanwhile, and gives no secret away", async () => {
    await using sample = await open();
    // Type none has nothing that could fail.
    for (const breakage of Object.keys(sample.breakages)) {
      await using place = await open();
      const consumer = await place.consumer();
      await place.goOn("all", SWITCH_OVER);
      await place.breakages[breakage]?.();
      const told = await attempt(() => consumer.notify(SWITCH_OVER));
      const seen = await attempt(() => look(consumer));
      const errors = [told, seen].flatMap((result) => ("error" in result ? [result.error] : []));
      expect(errors, breakage).not.toEqual([]);
      for (const error of errors) {
        expect(error, breakage).toBeInstanceOf(ConsumerError);
        expect(error, breakage).toHaveProperty("message", expect.stringContaining(consumer.name));
        expect(String(error).length, breakage).toBeLessThan(1_000);
        expect(String(error), breakage).not.toMatch(UNPRINTABLE);
        showsNoneOf(place.secrets, error);
      }
    }
  });

  it("makes harmless what the application says of itself", async () => {
    await using place = await open();
    if (!place.beHostile) return;
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    await place.beHostile(HOSTILE);
    // An error's text is bounded and clean as well.
    const seen = await attempt(() => look(consumer));
    expect("error" in seen ? String(seen.error) : JSON.stringify(seen.value)).not.toMatch(SECRET_LIKE);
    if ("error" in seen) expect(String(seen.error)).not.toMatch(UNPRINTABLE);
  });
}

/** Observes, and checks what holds of everything that can be observed. */
async function look(consumer: Consumer, switchOver = SWITCH_OVER): Promise<Progress> {
  const progress = await consumer.observe(switchOver);
  const { says, instances } = progress;
  expect(says).toMatch(/\S/);
  for (const words of [says, ...instances.flatMap((instance) => [instance.id, instance.says ?? ""])]) {
    expect(words).not.toMatch(UNPRINTABLE);
    expect(words).not.toMatch(SECRET_LIKE);
    expect(words.isWellFormed()).toBe(true);
    expect(words.length).toBeLessThanOrEqual(words === says ? 1_000 : 201);
  }
  for (const { id } of instances) expect(id).toMatch(/\S/);
  return progress;
}

type Result<Value> = { readonly value: Value } | { readonly error: unknown };

async function attempt<Value>(act: () => Promise<Value>): Promise<Result<Value>> {
  try {
    return { value: await act() };
  } catch (error) {
    return { error };
  }
}

function showsNoneOf(secrets: readonly string[], what: unknown): void {
  const seen = `${inspect(what, { depth: null, showHidden: true })}${JSON.stringify(what)}`;
  for (const secret of secrets) expect(seen).not.toContain(secret);
}
