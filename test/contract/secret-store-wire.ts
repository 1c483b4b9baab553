/** A secret store on a network outlives what networks and platforms do, and says exactly what it cannot. */
import { expect, it } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import type { SecretStore } from "../../src/core/ports.ts";
import { EMPTY_SLOTS, promote, retire, stage } from "../../src/core/slots.ts";
import { BESIDE, issued, pending, plain, put } from "./secret-store-samples.ts";
import type { OpenPlace, StorePlace, Wire } from "./secret-store.contract.ts";

const FIRST = { ...EMPTY_SLOTS, active: issued("first") };
const SECOND = { ...EMPTY_SLOTS, active: issued("second") };
const STAGED = stage(FIRST, pending("second"));
const PROMOTED = promote(STAGED, { slot: "active", until: 0 });
const RETIRED = retire(PROMOTED);

export function wireContract(open: OpenPlace): void {
  it("gives up on a silent server in time, as on something that may pass", async () => {
    await using place = await openFilled(open);
    place.wire.hang();
    const error = await errorOf(place.store().read());
    expect(error).toMatchObject({ effect: "none", retry: "later" });
  });

  it("says of a write without an answer that it may have been done", async () => {
    await using place = await openFilled(open);
    const store = place.store();
    const { version } = await store.read();
    place.wire.loseNextAnswer();
    const outcome = await store.write(SECOND, version).catch((error: unknown) => error);
    if (outcome !== "written") expect(outcome).toMatchObject({ effect: "unknown", retry: "later" });
    expect(plain((await place.store().read()).slots)).toEqual(plain(SECOND));
    expect(await place.store().write(FIRST, version)).toBe("conflict");
  });

  it("asks again after it was told that it asks too often", async () => {
    await using place = await openFilled(open);
    place.wire.throttle(2);
    expect(plain((await place.store().read()).slots)).toEqual(plain(FIRST));
  });

  it("does not ask for ever, and may be asked later", async () => {
    await using place = await openFilled(open);
    place.wire.throttle(1_000);
    const store = place.store();
    expect(await errorOf(store.read())).toMatchObject({ effect: "none", retry: "later" });
    place.wire.recover();
    expect(plain((await store.read()).slots)).toEqual(plain(FIRST));
  });

  it("gets new credentials where the old ones have expired", async () => {
    await using place = await openFilled(open);
    const store = place.store();
    const { version } = await store.read();
    place.wire.expireCredentials();
    expect(await store.write(SECOND, version)).toBe("written");
    place.wire.expireCredentials();
    expect(plain((await store.read()).slots)).toEqual(plain(SECOND));
  });

  it("names every permission that it lacks, and where", async () => {
    await using sample = await openFilled(open);
    expect(Object.keys(sample.wire.deny)).not.toEqual([]);
    for (const permission of Object.keys(sample.wire.deny)) {
      await using place = await openFilled(open);
      place.wire.deny[permission]?.();
      const error = await firstErrorOf(place.store());
      expect(error?.message, permission).toContain(permission);
      expect(error, permission).toMatchObject({ effect: "none", retry: "never" });
    }
  });

  it("finds out by checking whether it may read and write", async () => {
    await using sample = await openFilled(open);
    for (const permission of Object.keys(sample.wire.deny)) {
      await using place = await openFilled(open);
      place.wire.deny[permission]?.();
      const store = place.store();
      const found = await store
        .read()
        .then(() => store.checkWritable())
        .catch((error: unknown) => error);
      expect(found, permission).toBeInstanceOf(StoreError);
    }
  });

  it("writes without what is needed only afterwards, and names it", async () => {
    await using sample = await openFilled(open);
    for (const permission of Object.keys(sample.wire.denyAfterwards ?? {})) {
      await using place = await openFilled(open);
      place.wire.denyAfterwards?.[permission]?.();
      for (const slots of [STAGED, PROMOTED, RETIRED]) {
        const { version } = await place.store().read();
        const outcome: unknown = await place
          .store()
          .write(slots, version)
          .catch((error: unknown) => error);
        if (outcome !== "written") {
          expect(outcome, permission).toMatchObject({ effect: "unknown", retry: "later" });
          expect(String(outcome)).toContain(permission);
        }
        expect(plain((await place.store().read()).slots), permission).toEqual(plain(slots));
      }
    }
  });

  it("finds out by checking what it will not do after a write", async () => {
    await using sample = await openFilled(open);
    expect(await sample.store().checkWritable()).toEqual([]);
    for (const permission of Object.keys(sample.wire.denyAfterwards ?? {})) {
      await using place = await openFilled(open);
      place.wire.denyAfterwards?.[permission]?.();
      expect((await place.store().checkWritable()).join("\n")).toContain(permission);
    }
  });

  it("lists in its guide every permission that it may lack", async () => {
    await using place = await open(BESIDE);
    const needs = place.store().guide.needs.join("\n");
    const permissions = { ...place.wire?.deny, ...place.wire?.denyAfterwards };
    for (const permission of Object.keys(permissions)) expect(needs).toContain(permission);
  });
}

type WiredPlace = StorePlace & { readonly wire: Wire };

async function openFilled(open: OpenPlace): Promise<WiredPlace> {
  const place = await open(BESIDE);
  if (!hasWire(place)) throw new Error("this place has no wire");
  await put(place.store(), FIRST);
  return place;
}

function hasWire(place: StorePlace): place is WiredPlace {
  return place.wire !== undefined;
}

async function errorOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await attempt.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  return error;
}

/** Of reading, writing and writing once more: a permission may be needed only by the second write. */
async function firstErrorOf(store: SecretStore): Promise<StoreError | null> {
  try {
    for (const slots of [SECOND, FIRST]) {
      const { version } = await store.read();
      await store.write(slots, version);
    }
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error;
  }
}
