/** The pages in a real browser, as a tired person meets them. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW } from "../support/admin/keys.ts";
import {
  consumer,
  DAY,
  factsOf,
  jobAbout,
  openIncident,
  paddleSaid,
  peopleWereTold,
  secretFor,
  storyKey,
} from "../support/admin/pages-story.ts";
import { showcase } from "../support/admin/pages-showcase.ts";
import { openPages, openShowcase } from "../support/admin/pages-world.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { findings, type Look, open, overflow, picture } from "../support/browser/look.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

/** Accessible, within the window, nothing refused and nothing loaded from elsewhere; and a picture of it. */
async function expectGood(look: Look, name: string): Promise<void> {
  await picture(look.page, name);
  expect(await findings(look.page)).toEqual([]);
  expect(await overflow(look.page)).toBeLessThanOrEqual(0);
  expect(look.complaints).toEqual([]);
  expect(look.strayed).toEqual([]);
}

const headline = (look: Look) => look.page.locator("h1").innerText();

describe("the keys page", () => {
  it("says in one sentence that all is well, and shows each key in full", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/");
    expect(await headline(look)).toBe("All 4 keys are safe. One is rotating.");
    const billing = look.page.locator(".key", { hasText: "billing-worker" });
    expect(await billing.innerText()).toMatch(/2 of 3 switched over/);
    expect(await billing.innerText()).toMatch(/ledger: switching over/);
    expect(await billing.locator(".ticking").innerText()).toMatch(/^23 h 1[34] min \d\d s$/);
    await expectGood(look, "keys");
  });

  it("is good in the dark", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/", { colorScheme: "dark" });
    await expectGood(look, "keys-dark");
  });

  it("fits a phone", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/", { viewport: { width: 375, height: 800 } });
    await expectGood(look, "keys-phone");
  });

  it("says what to do first where there are no keys yet", async () => {
    await using world = await openPages();
    await using look = await open(browser, world.origin, "/");
    expect(await headline(look)).toBe("No keys are managed yet.");
    expect(await look.page.locator("main").innerText()).toContain("rotator.yaml");
    await expectGood(look, "keys-empty");
  });

  it("puts what needs a person before everything else, with what to do and where", async () => {
    const story = showcase();
    const [first] = story.keys;
    story.jobs.push(
      jobAbout(first!, {
        id: "evt_failed",
        state: "failed",
        failure: "./secrets/x.env cannot be written: chmod 600 it",
      }),
    );
    await using world = await openPages({
      ...story,
      async fill(records) {
        await story.fill(records);
        await peopleWereTold(
          records,
          openIncident("tax-reports", {
            kind: "exposed-secret-lives",
            happened: "Paddle still accepts the exposed secret of tax-reports.",
            action: "Revoke apikey_01x in Paddle > Developer tools > Authentication, now.",
          }),
        );
      },
    });
    await using look = await open(browser, world.origin, "/");
    expect(await headline(look)).toBe("2 of 4 keys need you.");
    expect(await look.page.locator("h2").first().innerText()).toBe("NEEDS YOU");
    const cards = look.page.locator(".need");
    expect(await cards.count()).toBe(2);
    expect(await cards.nth(0).innerText()).toContain("chmod 600 it");
    expect(await cards.nth(1).innerText()).toContain("Do this: Revoke apikey_01x");
    // The keys in need come first, too.
    expect(await look.page.locator(".key h3").allInnerTexts()).toEqual([
      "checkout-api",
      "tax-reports",
      "billing-worker",
      "customer-portal",
    ]);
    await expectGood(look, "keys-incident");
    await cards.nth(1).getByText("What this means").click();
    await look.page.waitForURL("**/runbook#exposed-secret-lives");
    expect(await look.page.locator(":target h3").count()).toBe(1);
    await expectGood(look, "runbook");
  });

  it("stays readable, small and quick with 200 keys", async () => {
    const keys = Array.from({ length: 200 }, (_, index) => {
      const name = `service-${String(index).padStart(3, "0")}-production`;
      const old =
        index % 50 === 7 ? { ...secretFor(name, `O${index}`, NOW - 60 * DAY), until: NOW + DAY / 2 } : null;
      const active = secretFor(name, `A${index}`, NOW - ((index * 7) % 55) * DAY);
      return storyKey(name, { active, old }, { consumers: [consumer("app")] });
    });
    await using world = await openPages({
      keys,
      async fill(records) {
        for (const [index, { keyId }] of keys.entries())
          await paddleSaid(records, keyId, { expiresAt: NOW + (30 + (index % 60)) * DAY });
      },
    });
    await using look = await open(browser, world.origin, "/");
    // Of the processor, which others share.
    const times: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      // Each finds the overview out of date, and has it gathered again.
      await world.lookAgain();
      const began = process.cpuUsage();
      const { status, text } = await world.call("/");
      const { user, system } = process.cpuUsage(began);
      times.push((user + system) / 1_000);
      expect(status).toBe(200);
      expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    }
    const [median = Infinity] = times.toSorted((a, b) => a - b).slice(4);
    expect(median).toBeLessThan(50);
    expect(await headline(look)).toBe("All 200 keys are safe. 4 are rotating.");
    expect(await look.page.locator(".key").count()).toBe(4);
    expect(await look.page.locator(".lines > li").count()).toBe(196);
    await expectGood(look, "keys-200");
    await look.page.setViewportSize({ width: 375, height: 800 });
    expect(await overflow(look.page)).toBeLessThanOrEqual(0);
  });

  it("says that what it shows may be old when something cannot be read", async () => {
    await using world = await openShowcase();
    await world.call("/");
    world.records.isDown = true;
    await world.lookAgain();
    await using look = await open(browser, world.origin, "/");
    expect(await headline(look)).toBe("Not everything could be read.");
    expect(await look.page.locator(".fault").innerText()).toMatch(/may be old[^]*the records are down/);
    await expectGood(look, "keys-faults");
  });
});

describe("a page that stays open", () => {
  it("follows a rotation without being loaded again", async () => {
    const key = storyKey(
      "billing-worker",
      { active: secretFor("billing-worker", "First", NOW - 60 * DAY) },
      { consumers: [consumer("app")] },
    );
    await using world = await openPages({
      keys: [key],
      fill: (records) => paddleSaid(records, key.keyId, { expiresAt: NOW + 30 * DAY }),
    });
    await using look = await open(browser, world.origin, "/keys/billing-worker");
    const { page } = look;
    await page.locator('#live[data-state="live"]').waitFor();
    await page.evaluate("window.isTheSame = true");

    world.jobs.push(jobAbout(key, { facts: factsOf(0, [["staged", "Staged: a new secret is saved."]]) }));
    await world.lookAgain();
    await page.getByText("Staged: a new secret is saved.").waitFor();
    expect(await page.locator(".stages .done").allInnerTexts()).toEqual([expect.stringContaining("Issued")]);

    const { version } = await key.store.read();
    const { active } = key.store.slots;
    const next = secretFor("billing-worker", "Second", NOW);
    await key.store.write(
      { ...key.store.slots, active: next, old: active && { ...active, until: NOW + DAY } },
      version,
    );
    world.jobs.splice(
      0,
      1,
      jobAbout(key, {
        state: "delayed",
        nextAt: NOW + DAY,
        facts: factsOf(0, [
          ["staged", "Staged."],
          ["promoted", "Promoted: it is in use."],
        ]),
      }),
    );
    await world.lookAgain();
    await page.getByText("Promoted: it is in use.").waitFor();
    expect(await page.locator(".heading .badge").innerText()).toBe("In grace");
    expect(await page.locator("#secrets .print").first().innerText()).toBe(next.secret.fingerprint());
    expect(await page.evaluate("window.isTheSame")).toBe(true);
    await expectGood(look, "key-live");
  });

  it("counts down by itself", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/");
    const left = look.page.locator(".ticking");
    const before = await left.innerText();
    await expect.poll(() => left.innerText(), { timeout: 5_000 }).not.toBe(before);
  });

  it("leaves alone what somebody is typing", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/keys/billing-worker");
    const { page } = look;
    await page.locator('#live[data-state="live"]').waitFor();
    await page.getByText("Supply another key").click();
    await page.getByLabel("The new key").fill("half a key");
    world.jobs.length = 0;
    await world.lookAgain();
    await page.getByText("Nothing is being done about this key.").waitFor();
    expect(await page.getByLabel("The new key").inputValue()).toBe("half a key");
    expect(await page.evaluate("document.activeElement.id")).toBe("new-key");
  });

  it("keeps the focus where it is, and what was unfolded unfolded", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/keys/billing-worker");
    const { page } = look;
    await page.locator('#live[data-state="live"]').waitFor();
    await page.locator("#history summary").click();
    await page.locator("#work .foot a").focus();
    const [job] = world.jobs;
    world.jobs.splice(0, 1, { ...job!, facts: { ...job!.facts, ...factsOf(0, [["waiting", "It waits."]]) } });
    await world.lookAgain();
    await page.getByText("It waits.").waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toContain("Job evt_");
    expect(await page.locator("#history details").getAttribute("open")).toBe(null);
  });

  it("listens only while somebody looks at it, and catches up when somebody does again", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/keys/billing-worker");
    const { page } = look;
    await page.locator('#live[data-state="live"]').waitFor();
    const hide = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
      );
    const closed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/live"));
    await hide(true);
    await closed;
    world.jobs.length = 0;
    await world.lookAgain();
    await hide(false);
    await page.getByText("Nothing is being done about this key.").waitFor();
  });

  it("says so when the rotator cannot be reached any more", async () => {
    const world = await openShowcase();
    await using look = await open(browser, world.origin, "/");
    await look.page.locator('#live[data-state="live"]').waitFor();
    await world[Symbol.asyncDispose]();
    await look.page.locator('#live[data-state="lost"]').waitFor();
  });
});

describe("without JavaScript", () => {
  it("shows everything, and reads the list again by itself", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/", { javaScriptEnabled: false });
    expect(await headline(look)).toBe("All 4 keys are safe. One is rotating.");
    expect(await look.page.locator(".ticking").innerText()).toBe("23 h 14 min 09 s");
    expect(await look.page.locator('head noscript meta[http-equiv="refresh"]').count()).toBe(1);
    await picture(look.page, "keys-without-javascript");
  });

  it("never loads a page again by itself into which somebody may be typing", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, "/keys/billing-worker", {
      javaScriptEnabled: false,
    });
    expect(await look.page.locator('meta[http-equiv="refresh"]').count()).toBe(0);
  });
});
