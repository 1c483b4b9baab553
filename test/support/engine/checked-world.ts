/** A world whose consumers are looked at by one check, and words for what happens there. */
import type { Alert } from "../../../src/core/alert.ts";
import type { Check } from "../../../src/core/check.ts";
import { MemoryCheck } from "../memory-check.ts";
import { MemoryConsumer } from "../memory-consumer.ts";
import { World, type WorldOptions } from "./world.ts";

export const MINUTE_MS = 60_000;

export function checkedWorld(onFailure: Check["onFailure"], options: WorldOptions = {}) {
  const consumer = new MemoryConsumer("billing", ["one", "two"]);
  const check = new MemoryCheck("errors", onFailure);
  const world = new World({ consumers: [consumer], checks: [check], ...options });
  const looks: number[] = [];
  check.onLook = () => looks.push(world.clock.now());
  return { world, consumer, check, looks };
}

export function alertsOf(world: World, kind: string): Alert[] {
  return world.alerts.filter((alert) => alert.kind === kind);
}

export function kinds(world: World): string[] {
  return world.alerts.map(({ kind }) => kind);
}

/** How the first job ended. */
export function result(world: World) {
  return world.jobs.all.at(0)?.outcome;
}

export function passes(world: World, ms: number): Promise<void> {
  return world.runAll(world.clock.now() + ms);
}

/** A graceful rotation, up to its grace. */
export async function begun(world: World): Promise<void> {
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await passes(world, 1_000);
}
