/** A key that could not be looked after is said to be looked after again, wherever the process dies in between. */
import { expect, it } from "vitest";
import { QueueError } from "../../../src/core/errors.ts";
import type { Records } from "../../../src/core/ports.ts";
import { tellOfKey } from "../../../src/reconcile/key-faults.ts";
import { World } from "./world.ts";

it("tells the end of a fault even if the process died right behind telling of it", async () => {
  const world = new World();
  const { key } = world.manage("billing");
  await tellOfKey(key, null, world.ports);
  let isDead = false;
  const records: Records = {
    ...world.records,
    append: (list, value) =>
      isDead
        ? Promise.reject(new QueueError("the process died", { effect: "none", retry: "later" }))
        : world.records.append(list, value),
  };
  const alerts: typeof world.alerts = {
    raise: async (alert) => {
      isDead = true;
      await world.alerts.raise(alert);
    },
  };
  await tellOfKey(key, "memory does not answer", { ...world.ports, records, alerts }).catch(() => {});
  expect(world.kinds).toEqual(["key-unchecked"]);
  await tellOfKey(key, null, world.ports);
  expect(world.kinds).toEqual(["key-unchecked", "key-checked"]);
});

it("tells of each fault and of each end once, however often it is looked at", async () => {
  const world = new World();
  const { key } = world.manage("billing");
  for (const fault of [null, "down", "down", null, null, "down", null])
    await tellOfKey(key, fault, world.ports);
  expect(world.kinds).toEqual(["key-unchecked", "key-checked", "key-unchecked", "key-checked"]);
});
