/** A secret store can be looked at without harm, and speaks of itself without giving anything away. */
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import { EMPTY_SLOTS, stage } from "../../src/core/slots.ts";
import { BESIDE, issued, pending, put } from "./secret-store-samples.ts";
import type { OpenPlace } from "./secret-store.contract.ts";

export function troubleContract(open: OpenPlace): void {
  it("says where it is without saying what it holds", async () => {
    await using place = await open(BESIDE);
    await put(place.store(), { ...EMPTY_SLOTS, active: issued("held") });
    expect(place.store().location).not.toBe("");
    expect(place.store().location).not.toContain("held");
  });

  it("changes nothing by checking whether it could write", async () => {
    await using place = await open(BESIDE);
    const untouched = await place.everything();
    await place.store().checkWritable();
    expect(await place.everything()).toBe(untouched);

    await put(place.store(), { ...EMPTY_SLOTS, active: issued("first") });
    const [before, { version }] = [await place.everything(), await place.store().read()];
    await place.store().checkWritable();
    expect(await place.everything()).toBe(before);
    expect((await place.store().read()).version).toBe(version);
  });

  it("says which place is broken and never what it holds", async () => {
    await using sample = await open(BESIDE);
    expect(Object.keys(sample.breakages)).not.toEqual([]);
    for (const breakage of Object.keys(sample.breakages)) {
      await using place = await open({ ...BESIDE, OTHER_SECRET: "canary-beside" });
      const store = place.store();
      await put(store, {
        ...EMPTY_SLOTS,
        active: issued("canaryActive"),
        standby: issued("canaryStandby"),
      });
      const { slots, version } = await store.read();
      await place.breakages[breakage]?.();
      const attempts = [
        () => store.read(),
        () => store.write(stage(slots, pending("canaryPending")), version),
        () => store.checkWritable(),
      ];
      for (const attempt of attempts) {
        const error: unknown = await attempt().then(
          (answer) => expect.fail(`${breakage}: no error but ${inspect(answer)}`),
          (reason: unknown) => reason,
        );
        expect(error, breakage).toBeInstanceOf(StoreError);
        expect(inspect(error, { depth: null, showHidden: true }), breakage).not.toMatch(/canary/);
      }
    }
  });
}
