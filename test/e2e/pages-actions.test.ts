/** What a person can do on a key's page, in a real browser. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { CANARY, NOW, secretOf } from "../support/admin/keys.ts";
import { apiKey } from "../support/admin/neighbours.ts";
import { DAY, jobAbout, keyIdOf, paddleSaid, secretFor, storyKey } from "../support/admin/pages-story.ts";
import { rotated } from "../support/admin/pages-showcase.ts";
import { onRecord } from "../support/admin/pages-story.ts";
import { openPages, openShowcase } from "../support/admin/pages-world.ts";
import { CREDENTIALS } from "../support/admin/world.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { findings, open, picture } from "../support/browser/look.ts";

const PAGE = "/keys/billing-worker";

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

async function unfold(page: Page, title: string): Promise<void> {
  await page.locator("#act summary", { hasText: title }).click();
}

const answerOf = (page: Page) => page.locator("#answer").innerText();

function steady() {
  const key = storyKey("billing-worker", { active: secretFor("billing-worker", "Active", NOW - 30 * DAY) });
  return openPages({
    keys: [key],
    fill: (records) => paddleSaid(records, key.keyId, { expiresAt: NOW + 60 * DAY }),
  });
}

describe("rotate now", () => {
  it("asks for a rotation with the grace that was chosen, and shows how it goes on", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, PAGE);
    const { page } = look;
    await unfold(page, "Rotate now");
    // What is configured is chosen unless somebody chooses otherwise.
    expect(await page.getByLabel("24 hours").isChecked()).toBe(true);
    await page.getByLabel("3 hours").check();
    await picture(page, "act-rotate");
    expect(await findings(page)).toEqual([]);
    await page.getByRole("button", { name: "Rotate billing-worker" }).click();
    await page.waitForURL("**/keys/billing-worker?asked=manual-*");
    expect(world.workQueue.puts).toMatchObject([
      { job: "rotate", keyName: "billing-worker", graceSeconds: 10_800 },
    ]);
    expect(await page.locator("#asked").innerText()).toContain("Asked for");
    const id = world.workQueue.puts[0]?.intent.id ?? "";
    const href = await page.locator("#asked a").getAttribute("href");
    expect(href).toBe(`/queues/queue/rotations/${id}`);

    // Its end is told in the same place, without a click.
    const key = storyKey("billing-worker", { active: secretFor("billing-worker", "Next", NOW) });
    await onRecord(world.records, { ...rotated(key, 0), id, summary: "billing-worker is rotated." });
    await world.lookAgain();
    await page.locator("#asked", { hasText: "billing-worker is rotated." }).waitFor();
    expect(await findings(page)).toEqual([]);
    expect(look.complaints).toEqual([]);
  });

  it("works by keyboard alone", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, "/");
    const { page } = look;
    const focused = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(text)) return;
      }
      throw new Error(`"${text}" is not reached by the keyboard`);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo("billing-worker");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${PAGE}`);
    await tabTo("Rotate now");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowLeft");
    await tabTo("Rotate billing-worker");
    await picture(page, "act-keyboard");
    await page.keyboard.press("Enter");
    await page.waitForURL("**asked=manual-*");
    expect(world.workQueue.puts).toMatchObject([{ graceSeconds: 10_800 }]);
  });

  it("works without JavaScript", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, PAGE, { javaScriptEnabled: false });
    await unfold(look.page, "Rotate now");
    await look.page.getByRole("button", { name: "Rotate billing-worker" }).click();
    await look.page.waitForURL("**asked=manual-*");
    expect(world.workQueue.puts).toMatchObject([{ graceSeconds: 86_400 }]);
  });

  it("says why it cannot be done, in the words of the desk", async () => {
    const key = storyKey("billing-worker", {
      active: {
        ...secretFor("billing-worker", "x", null),
        secret: new Secret(`${CANARY}LegacyKeyOfFiftyCharacters0123456789abcdefgh`),
      },
    });
    await using world = await openPages({ keys: [key] });
    await using look = await open(browser, world.origin, PAGE);
    await unfold(look.page, "Rotate now");
    await look.page.getByRole("button", { name: "Rotate billing-worker" }).click();
    await look.page.locator("#answer").waitFor();
    expect(await answerOf(look.page)).toMatch(/Not done[^]*carries no key id[^]*Create a new rotatable key/);
    // It is read out, and the keyboard goes on from there.
    expect(await look.page.evaluate("document.activeElement.id")).toBe("answer");
    expect(await look.page.locator("#act-rotate").getAttribute("open")).toBe("");
    expect(await findings(look.page)).toEqual([]);
    await picture(look.page, "act-refused");
  });
});

describe("revoke first", () => {
  it("happens only when the key's name was typed", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, PAGE);
    const { page } = look;
    await unfold(page, "Revoke first");
    await page.getByLabel("Type billing-worker to confirm").fill("billing");
    await page.getByRole("button", { name: "Kill the secret in use" }).click();
    await page.locator("#answer").waitFor();
    expect(await answerOf(page)).toContain("is not the name of this key");
    expect(world.workQueue.puts).toEqual([]);

    await page.getByLabel("Type billing-worker to confirm").fill("billing-worker");
    await page.getByRole("button", { name: "Kill the secret in use" }).click();
    await page.waitForURL("**asked=manual-*&queue=emergencies");
    expect(world.workQueue.puts).toMatchObject([{ job: "revoke-first", keyId: keyIdOf("billing-worker") }]);
  });
});

describe("roll back", () => {
  it("gives the former secret back, and says until when", async () => {
    await using world = await openShowcase();
    await using look = await open(browser, world.origin, PAGE);
    const { page } = look;
    await unfold(page, "Roll back");
    await page.getByRole("button", { name: "Roll billing-worker back" }).click();
    await page.waitForURL("**asked=resume-*");
    expect(await page.locator("#asked").innerText()).toMatch(
      /holds the older secret sha256:[^]*comes back by itself at/,
    );
    // The page shows it at once, though nobody reads the store again by himself for half a minute.
    expect(await page.locator(".heading .badge").innerText()).toBe("Rolled back");
    expect(await findings(page)).toEqual([]);
    await picture(page, "act-rolled-back");
  });

  it("is not offered where there is nothing to go back to", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, PAGE);
    await unfold(look.page, "Roll back");
    expect(await look.page.locator("#act-roll-back").innerText()).toContain("nothing to go back to");
    expect(await look.page.locator("#act-roll-back form").count()).toBe(0);
  });
});

describe("supply another key", () => {
  const CANDIDATE = secretOf("Candidate", keyIdOf("another"));

  it("takes it, and never shows it again", async () => {
    await using world = await steady();
    await using look = await open(browser, world.origin, PAGE);
    const { page } = look;
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.headers()["content-type"]?.includes("html") && response.status() < 300)
        bodies.push(response.text());
    });
    await unfold(page, "Supply another key");
    await page.getByLabel("The new key").fill(CANDIDATE.reveal());
    await picture(page, "act-replace");
    await page.getByRole("button", { name: "Check it and switch" }).click();
    await page.waitForURL("**asked=manual-*&queue=emergencies");
    expect(world.workQueue.puts).toMatchObject([{ job: "replace" }]);
    expect(page.url()).not.toContain(CANARY);
    expect((await Promise.all(bodies)).join("")).not.toContain(CANARY);
    expect(world.logged.text()).not.toContain(CANARY);
    await page.goBack();
    expect(await page.content()).not.toContain(CANARY);
  });

  it("says everything that is wrong with it, and takes it all the same only if it is told to", async () => {
    await using world = await steady();
    world.paddle.says(CANDIDATE, { accepted: true, key: apiKey(keyIdOf("another"), { permissions: [] }) });
    await using look = await open(browser, world.origin, PAGE);
    const { page } = look;
    await unfold(page, "Supply another key");
    await page.getByLabel("The new key").fill(CANDIDATE.reveal());
    await page.getByRole("button", { name: "Check it and switch" }).click();
    await page.locator("#answer").waitFor();
    expect(await answerOf(page)).toMatch(/lacks[^]*tick the box/);
    expect(await page.content()).not.toContain(CANARY);
    expect(await findings(page)).toEqual([]);
    await picture(page, "act-replace-refused");
    expect(world.workQueue.puts).toEqual([]);

    await page.getByLabel("The new key").fill(CANDIDATE.reveal());
    await page.getByLabel("Take it even if").check();
    await page.getByRole("button", { name: "Check it and switch" }).click();
    await page.waitForURL("**asked=manual-*");
    expect(await page.locator("#asked").innerText()).toContain("Accepted all the same, as you asked");
  });
});

describe("who may only look", () => {
  it("sees everything but the forms", async () => {
    const viewer = { user: { name: "guest", password: new Secret("guest-password") }, token: null };
    const key = storyKey("billing-worker", { active: secretFor("billing-worker", "Active", NOW - 30 * DAY) });
    const jobs = [jobAbout(key, { state: "failed", failure: "no" })];
    await using world = await openPages({ keys: [key], jobs, signIn: { ...CREDENTIALS, viewer } });
    const httpCredentials = { username: "guest", password: "guest-password" };
    await using look = await open(browser, world.origin, PAGE, { httpCredentials });
    expect(await look.page.locator("h1").innerText()).toBe("billing-worker");
    expect(await look.page.locator("form, input, button").count()).toBe(0);
    await look.page.locator('#live[data-state="live"]').waitFor();
    await picture(look.page, "key-viewer");
  });
});

describe("a form of another site", () => {
  it("does nothing", async () => {
    await using world = await steady();
    await using evil = await openPages();
    await using look = await open(browser, evil.origin, "/", { bypassCSP: true });
    const { page } = look;
    await page.setContent(
      `<form method="post" action="${world.origin}${PAGE}/rotate"><input name="grace" value="0"><button>Win</button></form>`,
    );
    await Promise.all([page.waitForURL(`${world.origin}/**`), page.getByRole("button").click()]);
    expect(await page.content()).toContain("another site");
    expect(world.workQueue.puts).toEqual([]);
  });
});
