/** Testimony makes a consumer's proof more careful, never less, and stands alone where there is no other. */
import { describe, expect, it } from "vitest";
import { attested } from "../../../src/consumers/attested.ts";
import type { Consumer, Progress } from "../../../src/core/consumer.ts";
import { memoryAttestations } from "../../support/consumers/memory-attestations.ts";

const NEW = "sha256:0123456789abcdef";
const FORMER = "sha256:00000000000000aa";
const SWITCH_OVER = { id: "sw_1", keyName: "billing-worker", rotationId: null, fingerprint: NEW };

const seeing = (progress: Progress): Consumer => ({
  name: "billing",
  refreshMs: 0,
  timeoutMs: 1_000,
  needs: [],
  notify: async () => "told",
  observe: async () => progress,
});
const PROVED: Progress = {
  state: "proved",
  instances: [{ id: "pod-1", state: "switched", says: null }],
  says: "All pods are new.",
};
const UNPROVABLE: Progress = { state: "unprovable", instances: [], says: "Nothing shows it." };

async function observed(seen: Progress, said: readonly (readonly [string, string])[], expected = 2) {
  const attestations = memoryAttestations();
  for (const [instance, fingerprint] of said) await attestations.take("billing", { instance, fingerprint });
  return attested(seeing(seen), { expect: expected, attestations }).observe(SWITCH_OVER);
}

describe("a consumer whose instances attest", () => {
  it("is proved by testimony alone where nothing else can show it", async () => {
    expect(
      await observed(UNPROVABLE, [
        ["a", NEW],
        ["b", NEW],
      ]),
    ).toMatchObject({ state: "proved", instances: [{ id: "a" }, { id: "b" }] });
    expect((await observed(UNPROVABLE, [["a", NEW]])).state).toBe("under-way");
    expect((await observed(UNPROVABLE, [])).state).toBe("under-way");
  });

  it("is not proved while one instance reports another secret", async () => {
    const said = [
      ["a", NEW],
      ["b", NEW],
      ["c", FORMER],
    ] as const;
    expect(await observed(UNPROVABLE, said)).toMatchObject({
      state: "under-way",
      instances: [{ state: "switched" }, { state: "switched" }, { id: "c", state: "lagging" }],
    });
    expect((await observed(PROVED, said)).state).toBe("under-way");
  });

  it("is proved by its platform only together with the testimony that is expected", async () => {
    expect((await observed(PROVED, [["a", NEW]])).state).toBe("under-way");
    expect((await observed(PROVED, [["a", NEW]], 1)).state).toBe("proved");
  });

  it("is not proved by testimony while its platform says otherwise", async () => {
    const seen: Progress = { ...PROVED, state: "under-way" };
    expect((await observed(seen, [["a", NEW]], 1)).state).toBe("under-way");
  });

  it("names an instance once, and as lagging if either says so", async () => {
    const { instances, state } = await observed(PROVED, [["pod-1", FORMER]], 1);
    expect(state).toBe("under-way");
    expect(instances).toEqual([{ id: "pod-1", state: "lagging", says: `uses ${FORMER}` }]);
  });

  it("is not proved while there is more testimony than can be looked through", async () => {
    const attestations = memoryAttestations();
    await attestations.take("billing", { instance: "a", fingerprint: NEW });
    attestations.overflow();
    const progress = await attested(seeing(UNPROVABLE), { expect: 1, attestations }).observe(SWITCH_OVER);
    expect(progress.state).toBe("under-way");
    expect(progress.says).toContain("More instances report than can be counted");
  });

  it("is told as before", async () => {
    const consumer = attested(seeing(PROVED), { expect: 1, attestations: memoryAttestations() });
    expect(await consumer.notify(SWITCH_OVER)).toBe("told");
    expect(consumer.name).toBe("billing");
  });
});
