/** Pages end when the key works, and not before: a false all-clear sends people back to bed while billing is down. */
import { expect, it } from "vitest";
import { exposureBlocks } from "../../../src/alerts/emergency-messages.ts";
import { isOpen } from "../../../src/alerts/incidents.ts";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { endPagesIfItWorks, page } from "../../../src/rotation/pages.ts";
import { kinds, MINUTE_MS, passes } from "../../support/engine/checked-world.ts";
import { Outside } from "../../support/engine/outside.ts";
import { HOUR_MS, World } from "../../support/engine/world.ts";
import { World as Places } from "../reconcile/world.ts";

const READS_KEYS = { permissions: ["api_key.read"] };

it("does not call a page off because the overlap with the former key goes on", async () => {
  const world = new World({ policy: { overlapMs: 24 * HOUR_MS }, key: READS_KEYS });
  world.jobs.add(await world.bringsKey(READS_KEYS));
  await passes(world, HOUR_MS);
  for (const work of await world.exposed({ action: "revoked" })) world.jobs.add(work);
  await passes(world, 5 * HOUR_MS);
  expect(world.isAlive(world.store.slots.active?.secret)).toBe(false);
  expect(kinds(world)).toContain("key-exposed");
  expect(kinds(world)).not.toContain("key-works");
});

it("does not call a page off because the grace of an earlier rotation goes on", async () => {
  const world = new World({ graceSeconds: 24 * 3600 });
  world.jobs.add(await world.asksForRotation());
  await passes(world, HOUR_MS);
  for (const work of await world.revokedByUser()) world.jobs.add(work);
  await passes(world, 10 * MINUTE_MS);
  const found = { keyName: "billing", keyId: world.activeKeyId, slots: world.store.slots };
  world.jobs.add(resumeWork(found, world.clock.now()));
  await passes(world, MINUTE_MS);
  expect(kinds(world)).toContain("key-revoked");
  expect(kinds(world)).not.toContain("key-works");
});

it("calls off every page about a dead key once another one works, however often sweeps have paged meanwhile", async () => {
  const world = new World();
  const outside = new Outside(world);
  for (const work of await world.revokedByUser()) world.jobs.add(work);
  for (let hour = 0; hour < 30; hour += 1) {
    await outside.sweep();
    await passes(world, HOUR_MS);
  }
  world.jobs.add(await world.bringsKey());
  await passes(world, HOUR_MS);
  const incidents = (state: string) =>
    new Set(world.alerts.flatMap(({ incident }) => (incident?.state === state ? incident.id : [])));
  const pages = [...incidents("open")].filter((id) => id.startsWith("key-"));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.filter((id) => !incidents("over").has(id))).toEqual([]);
});

it("calls off the page that an exposure goes on, once its successor is promoted, however long that had waited", async () => {
  const places = new Places();
  const { key, keyId, store } = places.manage("billing");
  const exposed = places.clock.now();
  const work = resumeWork({ keyName: "billing", keyId, slots: store.slots }, exposed);
  const told = { key, work, records: places.records, alerts: places.alerts, clock: places.clock };
  const alert = exposureBlocks(key, work, { intentId: "evt_01", occurredAt: exposed }, exposed + HOUR_MS);
  await page(told, alert);
  const { active } = store.slots;
  // Issued at once, and promoted only after people were paged.
  const promoted = { ...store.slots, active: active && { ...active, issuedAt: exposed + MINUTE_MS } };
  await endPagesIfItWorks(told, promoted, "rotated");
  expect(await isOpen(alert.id, places.records)).toBe(false);
});
