/** The metrics of a real service, before, while and after a key is rotated and an alert is raised. */
import { describe, expect, inject, it } from "vitest";
import { seriesIn } from "../support/metrics/measured.ts";
import { ADMIN_TOKEN, openSite, type RunningService } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

async function scrape({ adminUrl }: RunningService) {
  const answer = await fetch(`${adminUrl}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const text = await answer.text();
  const series = seriesIn(text);
  const value = (name: string) => series.get(`paddle_rotator_${name}`);
  return { answer, text, value };
}

describe("the metrics of a service", () => {
  it("tell of its key, queue, webhook, store, calls, steps and sweep, and of no secret", async () => {
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    });
    const service = await site.start();
    const key = `key="billing-worker"`;

    await until("a sweep went well", async () => {
      return (await scrape(service)).value(`sweeps_total{result="good"}`) === 1;
    });
    const before = await scrape(service);
    expect(before.answer.status).toBe(200);
    expect(before.answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(before.value(`key_state{${key},state="steady"}`)).toBe(1);
    expect(before.value("queue_reachable")).toBe(1);
    expect(before.value("overview_faults")).toBe(0);

    site.paddle.warnExpiring(site.key.id);
    await until("the key is rotated", async () => {
      return (await scrape(service)).value(`rotations_ended_total{kind="rotation",outcome="done"}`) === 1;
    });
    const after = await scrape(service);
    const days = ((after.value(`key_expires_timestamp_seconds{${key}}`) ?? 0) - Date.now() / 1_000) / 86_400;
    expect(Math.round(days)).toBe(90);
    const queued = `webhooks_received_total{type="api_key.expiring",result="queued"}`;
    expect(after.value(queued)).toBe(1);
    expect(after.value(`webhook_acknowledgement_duration_seconds_count{status="200"}`)).toBeGreaterThan(0);
    expect(after.value(`job_runs_total{work="rotate",intent="expiring",outcome="done"}`)).toBe(1);
    expect(after.value(`step_duration_seconds_count{step="promoted"}`)).toBe(1);
    expect(after.value(`store_calls_total{store="env-file",operation="write",result="ok"}`)).toBeGreaterThan(
      1,
    );
    const issued = `paddle_calls_total{operation="createRotation",urgency="ordinary",result="ok"}`;
    expect(after.value(issued)).toBe(1);
    expect(after.value(`jobs{queue="rotations",state="failed"}`)).toBe(0);
    for (const secret of site.secrets()) expect(before.text + after.text).not.toContain(secret);
    for (const id of [site.key.id, "apkrot_", "evt_", "sha256:"]) expect(after.text).not.toContain(id);
  });

  it("tell of an exposure: how long its secret lived, and the alert that was raised and sent", async () => {
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    });
    const service = await site.start();
    site.paddle.expose(site.key.id, { revoke: false });
    await until("the exposed secret is dead", async () => {
      return (await scrape(service)).value(`exposure_to_dead_seconds_count{since="received"}`) === 1;
    });
    await until("people were told", async () => {
      const { value } = await scrape(service);
      return value(`alerts_sent_total{channel="log",severity="warning",result="sent"}`) === 1;
    });
    const { value } = await scrape(service);
    expect(value(`exposure_to_dead_seconds_bucket{le="10",since="received"}`)).toBe(1);
    expect(value(`alerts_raised_total{kind="exposure-handled",severity="warning"}`)).toBe(1);
    expect(value(`paddle_calls_total{operation="createRotation",urgency="urgent",result="ok"}`)).toBe(1);
  });
});
