/**
 * The process dies while a channel takes an alert: people hear of it all the same, and at most once more where the
 * channel cannot tell that it was told already.
 */
import { Queue } from "bullmq";
import { expect, inject, it } from "vitest";
import { type Answer, HttpFake, type Request } from "../support/alerts/http-fake.ts";
import { PagerDutyFake } from "../support/alerts/pagerduty-fake.ts";
import { SlackFake } from "../support/alerts/slack-fake.ts";
import { WebhookReceiver } from "../support/alerts/webhook-receiver.ts";
import { sweepIsOver } from "../support/crash-people.ts";
import { openSite } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

type Vendor = {
  /** Of the section `alerts`. */
  readonly options: (origin: string) => string;
  readonly serve: (request: Request) => Answer;
  /** What it holds for one and the same, in the order of arrival; null: it cannot tell. */
  readonly ids: () => readonly (string | null)[];
};

function slack(): Vendor {
  const fake = new SlackFake();
  return {
    options: (origin) => `{ type: slack, url: "${origin}${fake.path}" }`,
    serve: (request) => fake.serve(request),
    ids: () => fake.messages.map(() => null),
  };
}

function pagerduty(): Vendor {
  const fake = new PagerDutyFake();
  return {
    options: (origin) =>
      `{ type: pagerduty, routingKey: ${fake.routingKey}, url: "${origin}${fake.path}", minSeverity: info }`,
    serve: (request) => fake.serve(request),
    ids: () => fake.events.map(({ dedup_key }) => dedup_key ?? ""),
  };
}

function webhook(): Vendor {
  const fake = new WebhookReceiver(Date.now);
  return {
    options: (origin) => `{ type: webhook, url: "${origin}${fake.path}", secret: ${fake.secret} }`,
    serve: (request) => fake.serve(request),
    ids: () => fake.deliveries.map(({ id }) => id),
  };
}

const vendors = { slack, pagerduty, webhook };
const cells = (["slack", "pagerduty", "webhook"] as const).flatMap((type) => [
  { type, moment: "before the channel took it" },
  { type, moment: "when the channel has taken it" },
]);

it.concurrent.for(cells)(
  "an alert is told on $type although the process dies $moment",
  async ({ type, moment }) => {
    const vendor = vendors[type]();
    const isTakenFirst = moment === "when the channel has taken it";
    let strike = (): void => {};
    await using channel = await HttpFake.open((request) => {
      const isStruck = channel.requests.length === 1;
      // A process that is killed reads no answer, whatever it would have been.
      if (isStruck) strike();
      return isStruck && !isTakenFirst ? { status: 503, body: "" } : vendor.serve(request);
    });
    const prefix = uniquePrefix();
    await using opened = new AsyncDisposableStack();
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: prefix },
      events: ["api_key_exposure.created"],
      yaml: ["    alerts: [ops]", "alerts:", `  ops: ${vendor.options(channel.origin)}`].join("\n"),
    });
    const { hostname, port } = new URL(inject("redisUrl"));
    const queueOf = (name: string) => {
      const connection = { host: hostname, port: Number(port) };
      return opened.adopt(new Queue(name, { prefix, connection }), (queue) => queue.close());
    };
    const first = await site.start();
    // It would find the exposure, too, and tell of it by itself.
    await sweepIsOver(site, first);
    strike = () => first.kill("SIGKILL");
    site.paddle.expose(site.key.id, { riskLevel: "low" });
    expect(await first.ended).toBe("SIGKILL");
    await site.start();

    await until("it is told", () => vendor.ids().length > (isTakenFirst ? 1 : 0), 30_000, 100);
    const queue = queueOf("alerts");
    const isOver = async () => (await queue.getJobCountByTypes("active", "waiting", "delayed")) === 0;
    await until("nothing is left to tell", isOver, 30_000, 100);

    const told = vendor.ids();
    expect(told).toHaveLength(isTakenFirst ? 2 : 1);
    expect(new Set(told).size).toBe(1);
    for (const secret of site.secrets()) expect(await site.output()).not.toContain(secret);
  },
);
