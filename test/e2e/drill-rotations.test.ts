/** An operator's drill about rotations and what is around them: from an alert's links alone to the incident's end. */
import { chmod } from "node:fs/promises";
import { basename } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { HttpFake } from "../support/alerts/http-fake.ts";
import { WebhookReceiver } from "../support/alerts/webhook-receiver.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { openDrill } from "../support/drill.ts";
import { until } from "../support/until.ts";

/** Told of after 10 s; the words change when it is over, and a browser has to have read them. */
const LAG_GRACE_S = 19;
const SOON_MS = 45_000;
const OUT_OF_ORDER = { status: 500, body: "" };

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

describe.concurrent("applications after a rotation", () => {
  it("that hold on to the former secret are restarted, and all of them have switched over", async () => {
    let uses: string | undefined;
    await using application = await HttpFake.open(({ method }) =>
      method === "POST"
        ? { status: 204, body: "" }
        : { status: 200, body: JSON.stringify({ fingerprint: uses }) },
    );
    const { origin } = application;
    const secret = `whsec_${Buffer.from("a notification secret of 32 byte").toString("base64")}`;
    await using drill = await openDrill(browser, {
      graceSeconds: 600,
      yaml: `    consumers: [{ name: billing, type: http, notify: "${origin}/reload", verify: "${origin}/key", secret: ${secret}, refresh: 1s, timeout: 1s }]`,
    });
    const { site } = drill;
    uses = new Secret(site.key.secret).fingerprint();
    await drill.colleagueRotates(LAG_GRACE_S);
    const alert = await drill.isTold("consumers-lag");
    expect(alert.happened).toMatch(/^billing .*still use/);
    await drill.opensPage(alert);
    expect((await drill.readsRunbook(alert)).text).toContain("Restart or reload them");
    uses = (await site.secret("ACTIVE_PADDLE_KEY"))?.fingerprint();
    expect((await drill.hearsTheEnd(alert)).kind).toBe("consumers-switched");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });

  it("whose check fails are mended, and the check is good again", async () => {
    await using application = await HttpFake.open(() => ({ status: 200, body: "" }));
    await using drill = await openDrill(browser, {
      graceSeconds: 120,
      yaml: `    checks: [{ name: probe, type: http, url: "${application.origin}/healthz", failures: 1, every: 5s, window: 1m }]`,
    });
    const { site } = drill;
    application.trouble = OUT_OF_ORDER;
    site.paddle.warnExpiring(site.key.id);
    const alert = await drill.isTold("check-failed");
    await drill.opensPage(alert);
    expect((await drill.readsRunbook(alert)).text).toContain("mend the applications, or the check");
    application.trouble = null;
    expect((await drill.hearsTheEnd(alert)).kind).toBe("check-good-again");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });
});

describe.concurrent("a new secret that is to blame", () => {
  it("is rolled back by the command of the runbook", async () => {
    await using application = await HttpFake.open(() => OUT_OF_ORDER);
    await using drill = await openDrill(browser, {
      graceSeconds: 3_600,
      yaml: `    checks: [{ name: probe, type: http, url: "${application.origin}/healthz", failures: 1, every: 5s, window: 1m }]`,
    });
    const { site } = drill;
    site.paddle.warnExpiring(site.key.id);
    const alert = await drill.isTold("check-failed");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    expect(await drill.runs(entry, "rollback", alert)).toMatchObject({ code: 0 });
    expect((await site.secret("ACTIVE_PADDLE_KEY"))?.reveal()).toBe(site.key.secret);
    expect((await drill.hearsTheEnd(alert)).kind).toBe("check-unwatched");
    await drill.expectsTheKeyToWork();
  });
});

describe.concurrent("a rotation that does not go on", () => {
  it("because of its store goes on when that is mended as the alert says", async () => {
    await using drill = await openDrill(browser);
    const { site } = drill;
    await chmod(site.envFile, 0o644);
    site.paddle.warnExpiring(site.key.id);
    const alert = await drill.isTold("job-failing");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    const found = await drill.runs(entry, "check", alert);
    expect(found.code).toBe(1);
    for (const said of [alert.happened, found.printed]) {
      expect(said).toContain("chmod 600");
      expect(said).toContain(basename(site.envFile));
    }
    await chmod(site.envFile, 0o600);
    expect((await drill.hearsTheEnd(alert)).kind).toBe("job-works");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });

  it("because Paddle refuses it is tried again on the page once that is mended", async () => {
    await using drill = await openDrill(browser);
    const { site, page } = drill;
    const refusal = site.paddle.faults.add({
      when: { method: "POST", path: /\/rotations$/ },
      times: Infinity,
      do: { kind: "status", status: 403, code: "forbidden" },
    });
    site.paddle.warnExpiring(site.key.id);
    const alert = await drill.isTold("rotation-refused");
    expect((await drill.readsRunbook(alert)).text).toContain("Mend what Paddle names");
    await drill.opensPage(alert);
    refusal.remove();
    await page.getByRole("button", { name: "Try this job again" }).click();
    await page.waitForURL("**asked=*");
    await until(
      "the job has rotated the key",
      () => site.paddle.activatedRotations(site.key.id) === 1,
      45_000,
    );
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });
});

describe.concurrent("the rotator itself", () => {
  it("delivers again on a channel that was mended, and says so on the others", async () => {
    const pager = new WebhookReceiver(Date.now);
    await using atPager = await HttpFake.open((request) => pager.serve(request));
    atPager.trouble = OUT_OF_ORDER;
    await using drill = await openDrill(browser, {
      channels: `  pager: { type: webhook, url: "${atPager.origin}${pager.path}", secret: ${pager.secret} }`,
    });
    const { paddle } = drill.site;
    paddle.revoke(paddle.createKey({ name: "of somebody else" }).id, { by: "user" });
    const alert = await drill.isTold("channel-failing");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    expect(await drill.runs(entry, "test-alert", alert)).toMatchObject({ code: 1 });
    atPager.trouble = null;
    expect(await drill.runs(entry, "test-alert", alert)).toMatchObject({ code: 0 });
    expect((await drill.hearsTheEnd(alert)).kind).toBe("channel-works");
    const waited = () => pager.deliveries.some(({ data }) => data["kind"] === "unmanaged-key-ended");
    await until("what waited has arrived", waited, SOON_MS);
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });
});
