/** One incident is one page: what follows it joins it, and the all-clear ends it. */
import { expect, it } from "vitest";
import { pagerDutyChannel } from "../../../src/alerts/channels/pagerduty.ts";
import { createPost } from "../../../src/alerts/channels/post.ts";
import { Secret } from "../../../src/core/secret.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { HttpFake } from "../../support/alerts/http-fake.ts";
import { PagerDutyFake } from "../../support/alerts/pagerduty-fake.ts";
import { ALL_CLEAR, LEAKED, REMINDER } from "../../support/alerts/sample-alerts.ts";

async function openPagerDuty() {
  const pagerDuty = new PagerDutyFake();
  const server = await HttpFake.open((request) => pagerDuty.serve(request));
  const options = {
    routingKey: new Secret(pagerDuty.routingKey),
    url: `${server.origin}${pagerDuty.path}`,
  };
  const channel = pagerDutyChannel("oncall", options, createPost(new FakeClock()));
  return { pagerDuty, channel, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it("pages once for an incident, however often it is told, and resolves it when it is over", async () => {
  await using place = await openPagerDuty();
  for (const alert of [LEAKED, LEAKED, REMINDER]) await place.channel.send(alert);
  expect(place.pagerDuty.pages).toBe(1);
  expect(place.pagerDuty.open.size).toBe(1);
  await place.channel.send(ALL_CLEAR);
  expect(place.pagerDuty.open.size).toBe(0);
});

it("keeps alerts apart that are no incident, and incidents whose long names begin alike", async () => {
  await using place = await openPagerDuty();
  const long = (end: string) => ({ id: `${"x".repeat(300)}${end}`, state: "open" as const });
  const { incident: _, ...single } = LEAKED;
  await place.channel.send({ ...single, id: "one" });
  await place.channel.send({ ...single, id: "two" });
  await place.channel.send({ ...LEAKED, incident: long("a") });
  await place.channel.send({ ...LEAKED, incident: long("b") });
  expect(place.pagerDuty.pages).toBe(4);
});

it("hands severity, kind and key over as PagerDuty's own fields, for its rules", async () => {
  await using place = await openPagerDuty();
  await place.channel.send(LEAKED);
  expect(place.pagerDuty.events).toEqual([
    expect.objectContaining({
      dedup_key: LEAKED.incident?.id,
      payload: expect.objectContaining({
        severity: "critical",
        class: "exposed-secret-lives",
        source: "billing-worker",
        timestamp: "2026-11-21T03:04:05.000Z",
      }),
    }),
  ]);
});
