/** The pages at three in the morning: an exposure, a job that failed, a store that is silent. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/rotation/audit-record.ts";
import { keyWith, NOW, UNREADABLE } from "../support/admin/keys.ts";
import { rotated } from "../support/admin/pages-showcase.ts";
import {
  consumer,
  DAY,
  factsOf,
  jobAbout,
  MINUTE,
  onRecord,
  openIncident,
  paddleSaid,
  peopleWereTold,
  secretFor,
  type StoryKey,
  storyKey,
} from "../support/admin/pages-story.ts";
import { openPages } from "../support/admin/pages-world.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { findings, open, overflow, picture } from "../support/browser/look.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

const slots = { active: secretFor("checkout-api", "Leaked", NOW - 20 * DAY) };

function exposure(key: StoryKey): AuditRecord {
  const iso = (seconds: number) => new Date(NOW - DAY + seconds * 1000).toISOString();
  return {
    ...rotated(key, 1),
    id: "evt_exposure",
    kind: "exposure",
    intent: "exposed",
    summary: "checkout-api was exposed: the leaked secret is dead.",
    exposureClock: {
      occurredAt: iso(0),
      receivedAt: iso(2),
      secretDeadAt: iso(5),
      storeUpdatedAt: iso(6),
      consumersSafeAt: null,
    },
    secrets: [
      {
        fingerprint: "sha256:00112233445566778",
        issuedAt: iso(-DAY / 1000),
        endedAt: iso(5),
        livedSeconds: 86_405,
      },
    ],
  };
}

describe("a key that leaked", () => {
  it("shows what to do first, how long each step took, and everything that was said", async () => {
    const key = storyKey("checkout-api", slots, { consumers: [consumer("checkout")] });
    await using world = await openPages({
      keys: [key],
      async fill(records) {
        await paddleSaid(records, key.keyId, { expiresAt: NOW + 70 * DAY, exposedAt: NOW - 2 * MINUTE });
        await onRecord(records, exposure(key));
        await peopleWereTold(
          records,
          openIncident("checkout-api", {
            kind: "exposed-secret-lives",
            happened: "Paddle still accepts the exposed secret sha256:769779b86f63e121 of checkout-api.",
            action: "Revoke the key in Paddle > Developer tools > Authentication, now.",
          }),
        );
      },
    });
    await using look = await open(browser, world.origin, "/keys/checkout-api");
    const { page } = look;
    expect(await page.locator(".heading .badge").innerText()).toBe("Exposed");
    expect(await page.locator("#needs").innerText()).toMatch(/Do this: Revoke the key/);
    expect(
      (await page.locator(".clock li").allInnerTexts()).map((text) => text.split("\n").slice(0, 2)),
    ).toEqual([
      ["Occurred", "0 s"],
      ["Received", "+2 s"],
      ["Secret dead", "+5 s"],
      ["Store updated", "+6 s"],
      ["Consumers safe", "not seen"],
    ]);
    expect(await page.locator(".lives").innerText()).toContain("lived 1 d");
    await picture(page, "key-exposed");
    expect(await findings(page)).toEqual([]);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "key-exposed-phone-dark");
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await findings(page)).toEqual([]);
    expect(look.complaints).toEqual([]);
  });
});

describe("a job that failed", () => {
  it("is tried again by one press, and nothing is asked for twice", async () => {
    const key = storyKey("checkout-api", slots);
    const work = jobAbout(key, {
      id: "evt_01kaexpiring",
      state: "failed",
      attempts: 9,
      failure: "./secrets/checkout-api.env cannot be written: chmod 600 it",
      facts: factsOf(50, [["activeAccepted", "Paddle accepts the active secret."]]),
    });
    await using world = await openPages({ keys: [key], jobs: [work] });
    await using look = await open(browser, world.origin, "/keys/checkout-api");
    const { page } = look;
    expect(await page.locator("#work").innerText()).toMatch(/failed; it waits for a person[^]*chmod 600 it/);
    await picture(page, "key-failed-job");
    expect(await findings(page)).toEqual([]);
    await page.getByRole("button", { name: "Try this job again" }).click();
    await page.waitForURL("**asked=evt_01kaexpiring&queue=rotations");
    expect(world.workQueue.puts).toEqual([work.work]);
    expect(world.logged.lines).toMatchObject([{ msg: "job asked for again", jobId: "evt_01kaexpiring" }]);

    // Once it is taken up, there is nothing to press.
    world.jobs.splice(0, 1, { ...work, state: "running", failure: null });
    await world.lookAgain();
    await page.goto(`${world.origin}/keys/checkout-api`);
    expect(await page.getByRole("button", { name: "Try this job again" }).count()).toBe(0);
  });
});

describe("a store that does not answer", () => {
  it("is said, and nothing is called safe", async () => {
    await using world = await openPages({ keys: [keyWith(UNREADABLE, "checkout-api")] });
    await using look = await open(browser, world.origin, "/");
    expect(await look.page.locator("h1").innerText()).toBe("Your key needs you.");
    expect(await look.page.locator("#keys").innerText()).toContain("chmod 600 it");
    expect(await findings(look.page)).toEqual([]);
    await picture(look.page, "keys-store-silent");
    await look.page.goto(`${world.origin}/keys/checkout-api`);
    expect(await look.page.locator(".heading").innerText()).toContain("chmod 600 it");
    expect(await findings(look.page)).toEqual([]);
  });
});
