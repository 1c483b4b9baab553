/** An operator's drill about keys: from an alert's links alone, with a browser and commands, to the incident's end. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChromium } from "../support/browser/chromium.ts";
import { openDrill, toBeRevoked } from "../support/drill.ts";

const HOUR_S = 3_600;

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

describe.concurrent("a dead key", () => {
  it("that has expired is ended by another key, typed into the page", async () => {
    await using drill = await openDrill(browser);
    const { site, page } = drill;
    site.paddle.expireNow(site.key.id);
    const alert = await drill.isTold("key-expired");
    const entry = await drill.readsRunbook(alert);
    expect(entry.text).toContain("hand it over");
    await drill.opensPage(alert);
    const { secret } = drill.createsKey();
    await page.locator("summary", { hasText: "Supply another key" }).click();
    await page.getByLabel("The new key").fill(secret);
    await page.getByRole("button", { name: "Check it and switch" }).click();
    await page.waitForURL("**asked=manual-*");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });

  it("that leaked and was revoked by Paddle is ended by the command of the runbook", async () => {
    await using drill = await openDrill(browser);
    const { site } = drill;
    site.paddle.expose(site.key.id);
    const alert = await drill.isTold("key-exposed");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    const { secret } = drill.createsKey();
    expect(await drill.runs(entry, "replace", alert, secret)).toMatchObject({ code: 0 });
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });

  it("that a colleague revoked by mistake is brought back in Paddle, as the alert says", async () => {
    await using drill = await openDrill(browser);
    const { site } = drill;
    site.paddle.revoke(site.key.id, { by: "user" });
    const alert = await drill.isTold("key-revoked");
    await drill.opensPage(alert);
    expect((await drill.readsRunbook(alert)).text).toContain("reactivate the key in Paddle");
    expect(alert.action).toContain("reactivate it in Paddle > Developer tools > Authentication");
    site.paddle.reactivate(alert.keyId ?? "");
    await drill.isTold("key-reactivated");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });
});

describe.concurrent("a key that cannot rotate itself", () => {
  it("is replaced by the command, and the former key is revoked when that is asked for", async () => {
    await using drill = await openDrill(browser, { rotatable: false, policy: "overlap: 0s" });
    const { site } = drill;
    site.paddle.warnExpiring(site.key.id);
    const alert = await drill.isTold("not-rotatable");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    const { secret } = drill.createsKey();
    expect(await drill.runs(entry, "replace", alert, secret)).toMatchObject({ code: 0 });

    const former = await drill.isTold("former-key-lives");
    await drill.opensPage(former);
    expect((await drill.readsRunbook(former)).text).toContain("Revoke the key that the alert names");
    site.paddle.revoke(toBeRevoked(former), { by: "user" });
    expect((await drill.hearsTheEnd(former)).kind).toBe("former-key-ended");
    await drill.seesNothingOpen(former);
    await drill.expectsTheKeyToWork();
  });
});

describe.concurrent("a key in other hands", () => {
  it("whose leaked secret does not die is revoked and replaced", async () => {
    await using drill = await openDrill(browser, { switches: { oldSecretOutlivesMs: HOUR_S * 1000 } });
    const { site } = drill;
    site.paddle.expose(site.key.id, { riskLevel: "low" });
    const alert = await drill.isTold("exposed-secret-lives");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    site.paddle.revoke(toBeRevoked(alert), { by: "user" });
    const { secret } = drill.createsKey();
    expect(await drill.runs(entry, "replace", alert, secret)).toMatchObject({ code: 0 });
    expect((await drill.hearsTheEnd(alert)).kind).toBe("exposed-secret-dead");
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });

  it("that a stranger has rotated is revoked and replaced", async () => {
    await using drill = await openDrill(browser);
    const { site } = drill;
    site.paddle.rotateAsThief(site.key.secret, { graceSeconds: HOUR_S, activate: true });
    const alert = await drill.isTold("takeover");
    await drill.opensPage(alert);
    const entry = await drill.readsRunbook(alert);
    site.paddle.revoke(toBeRevoked(alert), { by: "user" });
    const { secret } = drill.createsKey();
    expect(await drill.runs(entry, "replace", alert, secret)).toMatchObject({ code: 0 });
    await drill.seesNothingOpen(alert);
    await drill.expectsTheKeyToWork();
  });
});
