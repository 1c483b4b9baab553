/** Redis over TLS: nothing is told to a server that does not prove who it is. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it } from "vitest";
import { startTlsRedis } from "../../support/redis-tls.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork } from "./setting.ts";

it("work goes through a Redis whose authority is trusted, and to no other one", async () => {
  await using redis = await startTlsRedis();
  const work = someWork();
  {
    await using stranger = await openSetting(redis.url);
    await expect(stranger.put(work)).rejects.toMatchObject({ name: "QueueError", retry: "later" });
    expect(await stranger.backend.health()).toMatchObject({ ok: false });
  }
  // As NODE_EXTRA_CA_CERTS does it, which Node reads when it starts.
  setDefaultCACertificates([...getCACertificates("default"), redis.certificate]);
  await using setting = await openSetting(redis.url);
  await setting.work(async () => ({ kind: "done", result: "rotated", summary: "It is rotated." }));
  await setting.put(work);
  const { rotations } = setting.backend.queues;
  await until("the job is done", async () => (await rotations.getJobState(work.intent.id)) === "completed");
  expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
});
