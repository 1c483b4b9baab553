/** A Kubernetes Secret behind a network and an API server that fail: what is tried again, how often, and what is said. */
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/ports.ts";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { issued, plain, put } from "../../contract/secret-store-samples.ts";
import { KubernetesPlace, NAME, NAMESPACE } from "../../support/stores/kubernetes-place.ts";
import { StatusError, tooManyRequests } from "../../support/stores/kubernetes-status.ts";

const FIRST = { ...EMPTY_SLOTS, active: issued("first") };
const SECOND = { ...EMPTY_SLOTS, active: issued("second") };
const trouble = () =>
  new StatusError(503, "ServiceUnavailable", "the server is currently unable to handle the request");

async function filled(): Promise<KubernetesPlace> {
  const place = await KubernetesPlace.open();
  await put(place.store(), FIRST);
  place.fake.log.length = 0;
  return place;
}

/** Notes how long it was to wait, and lets time pass at once. */
function noting(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  let passed = 0;
  return {
    pauses,
    now: () => passed,
    sleep: async (ms) => {
      pauses.push(ms);
      passed += ms;
    },
  };
}

describe("a Kubernetes Secret over a network", () => {
  it("is read again after faults that pass, after pauses that grow", async () => {
    await using place = await filled();
    const clock = noting();
    place.fake.answerNext(trouble(), null, trouble());
    const store = place.store({}, { random: () => 0.5, pauseMs: 400 }, clock);
    expect(plain((await store.read()).slots)).toEqual(plain(FIRST));
    expect(clock.pauses).toEqual([300, 600, 1_200]);
  });

  it("is not asked again before the time that the API server names", async () => {
    await using place = await filled();
    const clock = noting();
    place.fake.answerNext(tooManyRequests());
    await place.store({}, { random: () => 0, pauseMs: 400 }, clock).read();
    expect(clock.pauses).toEqual([1_200]);
  });

  it("is asked four times at most", async () => {
    await using place = await filled();
    place.fake.answerNext(...Array.from({ length: 9 }, trouble));
    await expect(place.store().read()).rejects.toMatchObject({ effect: "none", retry: "later" });
    expect(place.fake.log.length).toBe(4);
  });

  it("is not waited for longer than twice the deadline of a request", async () => {
    await using place = await filled();
    const clock = noting();
    place.fake.answerNext(...Array.from({ length: 9 }, tooManyRequests));
    const attempt = place.store({}, { deadlineMs: 1_000, random: () => 0 }, clock).read();
    await expect(attempt).rejects.toThrow("is asked for too often (429 TooManyRequests");
    expect(clock.pauses).toEqual([1_250]);
  });

  it("is asked once where it is refused for good", async () => {
    await using place = await filled();
    place.fake.deny("get", NAMESPACE, NAME);
    await expect(place.store().read()).rejects.toMatchObject({ retry: "never" });
    expect(place.fake.log).toHaveLength(1);
  });

  it("is written once though the answer was lost, and says that it was", async () => {
    await using place = await filled();
    const store = place.store();
    const { version } = await store.read();
    const before = Number(place.fake.secrets.get(NAMESPACE, NAME).metadata.resourceVersion);
    place.fake.loseNextAnswer();
    expect(await store.write(SECOND, version)).toBe("written");
    expect(place.fake.secrets.get(NAMESPACE, NAME).metadata.resourceVersion).toBe(String(before + 1));
    expect(place.fake.log.map(({ verb, status }) => `${verb} ${status}`)).toEqual([
      "get 200",
      "get 200",
      "patch 200",
      "patch 409",
      "get 200",
    ]);
  });

  it("says that a write may have been done where it was answered by trouble to the end", async () => {
    await using place = await filled();
    const store = place.store();
    const { version } = await store.read();
    place.fake.admit(() => trouble());
    await expect(store.write(SECOND, version)).rejects.toMatchObject({ effect: "unknown", retry: "later" });
  });

  it("still says so where the next try was refused", async () => {
    await using place = await filled();
    const store = place.store();
    const { version } = await store.read();
    const answers = [trouble(), new StatusError(403, "Forbidden", "no")];
    place.fake.admit(() => answers.shift() ?? null);
    await expect(store.write(SECOND, version)).rejects.toMatchObject({ effect: "unknown", retry: "never" });
  });

  it("still says so where its credentials then expired and there are no new ones", async () => {
    await using place = await filled();
    const store = place.store();
    const { version } = await store.read();
    place.fake.admit(() => {
      place.fake.rotateToken();
      rmSync(place.kubeconfig);
      return trouble();
    });
    await expect(store.write(SECOND, version)).rejects.toMatchObject({ effect: "unknown", retry: "never" });
  });

  it("is known not to have changed where only the check met trouble", async () => {
    await using place = await filled();
    place.fake.admit(() => trouble());
    await expect(place.store().checkWritable()).rejects.toMatchObject({ effect: "none", retry: "later" });
  });

  it("is known not to have changed where nobody listens", async () => {
    await using place = await filled();
    const { version } = await place.store().read();
    const address = new URL(place.fake.url).host;
    await place.fake.close();
    const attempt = place.store().write(SECOND, version);
    await expect(attempt).rejects.toMatchObject({ effect: "none", retry: "later" });
    await expect(attempt).rejects.toThrow(`cannot be reached at https://${address} (ECONNREFUSED)`);
  });

  it("is not read from a server that proves to be another", async () => {
    await using place = await filled();
    await using other = await KubernetesPlace.open();
    place.writeKubeconfig(undefined, { server: other.fake.url });
    await expect(place.store().read()).rejects.toMatchObject({ effect: "none", retry: "never" });
    await expect(place.store().read()).rejects.toThrow(
      /proves to be another .*correct certificate-authority/,
    );
    expect(other.fake.log).toEqual([]);
  });
});
