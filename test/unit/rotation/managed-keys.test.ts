/** Which managed key an event is about is read from the stores, and a crowd of events reads them no more than a few do. */
import { expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import { ManagedKeys } from "../../../src/rotation/managed-keys.ts";
import { FaultyStore } from "../../support/memory-store.ts";
import { World } from "../reconcile/world.ts";

/** Counts the reads of a store. */
function counted(store: SecretStore) {
  const count = { reads: 0 };
  const read = () => {
    count.reads += 1;
    return store.read();
  };
  const { location, guide } = store;
  return { count, store: { ...store, location, guide, read } };
}

function manageTwo() {
  const world = new World();
  const billing = world.manage("billing");
  const reports = world.manage("reports");
  const faulty = new FaultyStore(billing.store);
  const { count, store } = counted(faulty);
  const keys = new ManagedKeys([{ ...billing.key, store }, reports.key]);
  return { keys, count, faulty, billing, reports };
}

const STRANGE = "apikey_01m7zeyerq000002nstyztbds2";

it("finds the key by what the stores hold now, also after it was replaced", async () => {
  const { keys, billing, reports } = manageTwo();
  expect((await keys.find(billing.keyId))?.name).toBe("billing");
  const slots = reports.store.slots;
  reports.store.restore(billing.store.backup());
  billing.store.edit("active", slots.active?.secret.reveal() ?? "");
  expect((await keys.find(billing.keyId))?.name).toBe("reports");
  expect((await keys.find(reports.keyId))?.name).toBe("billing");
  expect(await keys.find(STRANGE)).toBeNull();
});

it("reads each store a few times for a hundred events about a key that nobody manages", async () => {
  const { keys, count } = manageTwo();
  const found = await Promise.all(Array.from({ length: 100 }, () => keys.find(STRANGE)));
  expect(found.every((key) => key === null)).toBe(true);
  expect(count.reads).toBeLessThanOrEqual(2);
});

it("does not say that nobody manages a key while a store cannot be read, and finds those of the others", async () => {
  const { keys, faulty, reports } = manageTwo();
  faulty.failNext("read");
  await expect(keys.find(STRANGE)).rejects.toThrow(StoreError);
  faulty.failNext("read");
  expect((await keys.find(reports.keyId))?.name).toBe("reports");
});
