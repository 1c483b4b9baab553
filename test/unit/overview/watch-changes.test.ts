/** Live pages: an overview whenever it shows something new, and nothing in between. */
import { describe, expect, it } from "vitest";
import type { Overview } from "../../../src/overview/overview.ts";
import { keyWith, STEADY } from "../../support/admin/keys.ts";
import { jobView, openPlace, type Place, SILENT, WatchedStore } from "./place.ts";

/** What a page is sent, until it is closed. */
function follow({ watch }: Place) {
  const closing = new AbortController();
  const sent: Overview[] = [];
  const ended = (async () => {
    for await (const overview of watch.changes(closing.signal)) sent.push(overview);
  })();
  return { sent, ended, close: () => closing.abort(new Error("the page was closed")) };
}

describe("the changes of the overview", () => {
  it("begin with how it is, and go on when something new is shown", async () => {
    const place = openPlace();
    const page = follow(place);
    await place.clock.advance(10_000);
    expect(page.sent).toHaveLength(1);
    place.jobs.views = [jobView()];
    await place.clock.advance(1_000);
    expect(page.sent.map(({ keys }) => keys[0]?.jobs.length)).toEqual([0, 1]);
    page.close();
    await page.ended;
  });

  it("ask once a second for all who look together, and reach each of them", async () => {
    const store = new WatchedStore(STEADY);
    const place = openPlace(keyWith(store));
    const pages = Array.from({ length: 30 }, () => follow(place));
    await place.clock.advance(10_000);
    expect(place.jobs.reads).toBe(11);
    expect(store.reads).toBe(1);
    place.jobs.views = [jobView()];
    await place.clock.advance(2_000);
    expect(pages.map(({ sent }) => sent.length)).toEqual(pages.map(() => 2));
    for (const page of pages) page.close();
    await Promise.all(pages.map(({ ended }) => ended));
    expect(place.clock.sleeping).toBe(0);
  });

  it("end at once when the page is closed, and ask nobody any more", async () => {
    const place = openPlace();
    const page = follow(place);
    await place.clock.advance(500);
    page.close();
    await page.ended;
    expect(place.clock.sleeping).toBe(0);
    const { reads } = place.jobs;
    await place.clock.advance(60_000);
    expect(place.jobs.reads).toBe(reads);
  });

  it("send nothing to a page that was closed while they were gathered", async () => {
    const place = openPlace();
    place.jobs.gate = SILENT;
    const page = follow(place);
    await place.clock.advance(1_000);
    page.close();
    await place.clock.advance(3_000);
    await page.ended;
    expect(page.sent).toEqual([]);
  });

  it("are none for a page that is closed already", async () => {
    const place = openPlace();
    const changes = place.watch.changes(AbortSignal.abort());
    expect(await changes.next()).toEqual({ value: undefined, done: true });
    expect(place.jobs.reads).toBe(0);
  });
});
