/**
 * A store that is out of order for a while, in the middle of each step: the job waits and goes on by itself, no secret
 * is lost, none is activated that could not be staged, and what people are told names the store and its answer.
 *
 * An outage is here a platform that refuses every request for a while, because that takes no time to find out. That
 * a silent one ends in the same errors is in the contract of secret stores.
 */
import { rename } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DASHBOARD } from "../../../src/alerts/words.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { Secret } from "../../../src/core/secret.ts";
import { StoreError } from "../../../src/core/errors.ts";
import { describeError } from "../../../src/core/public-error.ts";
import { type Failure, failureAlert } from "../../../src/queue/failure-alerts.ts";
import { BESIDE } from "../../contract/secret-store-samples.ts";
import type { StorePlace } from "../../contract/secret-store.contract.ts";
import { EnvFilePlace } from "../../support/env-file-place.ts";
import { endOf, wrongIn } from "../../support/engine/ends.ts";
import { justBefore } from "../../support/engine/gates.ts";
import { MirroredStore } from "../../support/engine/mirrored-store.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";
import { World } from "../../support/engine/world.ts";
import { STORE_PLACES } from "../../support/stores/places.ts";

/** How many runs fail before the store is back. */
const FAILURES = 3;

/** Which store it is, and what it answered. */
const SAYS: Readonly<Record<string, RegExp>> = {
  "an env file": /^\.\/secrets\/billing\.env does not exist/,
  "AWS Secrets Manager, versions": /^AWS secret prod\/paddle in \S+ .*ThrottlingException/,
  "AWS Secrets Manager, fields": /^AWS secret prod\/paddle in \S+ .*ThrottlingException/,
  Vault: /^secret\/billing in Vault http:\S+ .*429/,
  "a Kubernetes Secret": /billing.* .*429/,
  "Google Secret Manager": /^projects\/acme-billing\/secrets\/paddle-api-key\S* .*RESOURCE_EXHAUSTED/,
  "an Azure key vault": /^127\.0\.0\.1:\d+ \(paddle-api-key\S*\) .*429 Throttled/,
};

describe.each(Object.entries(STORE_PLACES))("an outage of %s", (name, open) => {
  const says = SAYS[name] ?? expect.fail(`it is not known what ${name} says`);

  it.each([
    ["before the first read", 0],
    ["before the staging write", 1],
    ["before the promoting write", 2],
    ["before the retiring write", 3],
  ] as const)("%s of a graceful rotation is waited for", async (_, write) => {
    await using place = await open(BESIDE);
    const { world, activatedByThen, failures } = await strike(place, "graceful", write);
    for (const { error } of failures) expect(error.message).toMatch(says);
    const [told, ...more] = failures.filter(({ alert }) => alert);
    // Where the first word was lost, the next one tells, with the same id.
    for (const { alert } of more) expect(alert?.id).toBe(told?.alert?.id);
    expect(told?.alert).toMatchObject({ severity: "warning" });
    expect(told?.alert?.happened).toContain(told?.error.message);
    expect(activatedByThen).toBe(write < 2 ? 0 : 1);
    expect(world.activations).toBe(1);
  });

  it.each([
    ["before the first read", 0],
    ["before the staging write", 1],
  ] as const)("%s of an exposure pages on the second failure", async (_, write) => {
    await using place = await open(BESIDE);
    const { world, activatedByThen, failures } = await strike(place, "revoke first", write);
    const told = failures.findIndex(({ alert }) => alert);
    const { alert, error } = failures[told] ?? expect.fail("nobody was told");
    // What waiting does not mend is told at once.
    expect(told + 1).toBe(error.retry === "never" ? 1 : 2);
    expect(error.message).toMatch(says);
    expect(alert).toMatchObject({ severity: "critical", action: expect.stringContaining(DASHBOARD) });
    expect(alert?.happened).toContain(error.message);
    // The exposed secret is killed only when its successor is safe, and then at once.
    expect(activatedByThen).toBe(0);
    expect(world.isAlive(new Secret(world.firstSecret))).toBe(false);
  });
});

type Struck = {
  readonly world: World;
  readonly failures: readonly { readonly error: StoreError; readonly alert: Alert | null }[];
  /** How many secrets were activated when the store was back. */
  readonly activatedByThen: number;
};

/** Plays a scenario to its right end through an outage. @param write before which one it begins; 0: the first read */
async function strike(place: StorePlace, row: string, write: number): Promise<Struck> {
  const scenario = SCENARIOS.find(({ name }) => name === row) ?? expect.fail(`there is no ${row}`);
  const world = new World({ store: (slots) => new MirroredStore(place.store(), slots) });
  await world.store.read();
  const outage = outageOf(place);
  const failures: { error: StoreError; alert: Alert | null }[] = [];
  let activatedByThen = 0;
  if (write > 0) world.gate = justBefore("store.write", outage.begin, write);
  else await outage.begin();
  world.worker = async (work, gate) => {
    try {
      return await world.run(work, gate);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const alert = alertOf(work, failures.length + 1, error, world.clock.now());
      failures.push({ error, alert });
      if (failures.length === FAILURES) {
        activatedByThen = world.activations;
        await outage.end();
      }
      // The queue tries again whatever failed.
      throw new StoreError(error.message, { effect: error.effect, retry: "later" });
    }
  };
  await scenario.play(world);
  expect(failures).toHaveLength(FAILURES);
  expect(world.broken).toEqual([]);
  expect(wrongIn(endOf(world), scenario.end)).toEqual([]);
  return { world, failures, activatedByThen };
}

function alertOf(work: Failure["work"] & object, attempt: number, error: StoreError, now: number) {
  const job = { id: work.intent.id, name: work.job, opts: { attempts: 1_000 } };
  return failureAlert({ job, work, attempt, error, reason: describeError(error), now });
}

function outageOf(place: StorePlace): Record<"begin" | "end", () => Promise<void>> {
  const { wire } = place;
  if (wire) return { begin: async () => wire.throttle(100_000), end: async () => wire.recover() };
  if (!(place instanceof EnvFilePlace)) return expect.fail("this place has no outage");
  // As when its volume is not mounted.
  const away = `${place.path}.away`;
  return { begin: () => rename(place.path, away), end: () => rename(away, place.path) };
}
