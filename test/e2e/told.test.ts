/** What the configuration says of checks and channels is what the service does. */
import { expect, inject, it } from "vitest";
import { HttpFake } from "../support/alerts/http-fake.ts";
import { SlackFake } from "../support/alerts/slack-fake.ts";
import { ADMIN_TOKEN, openSite } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

it.concurrent(
  "a check that fails after a rotation is told on the key's channel, and on no other",
  async () => {
    const [ops, others] = [new SlackFake(), new SlackFake()];
    await using atOps = await HttpFake.open((request) => ops.serve(request));
    await using atOthers = await HttpFake.open((request) => others.serve(request));
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
      graceSeconds: 120,
      yaml: [
        "    checks: [{ name: probe, type: command, run: [/bin/false], failures: 1, every: 5s, window: 1m }]",
        "    alerts: [ops]",
        "alerts:",
        `  ops: { type: slack, url: "${atOps.origin}${ops.path}" }`,
        `  others: { type: slack, url: "${atOthers.origin}${others.path}" }`,
      ].join("\n"),
    });
    const service = await site.start();
    site.paddle.warnExpiring(site.key.id);
    await until("the check's alert", () => JSON.stringify(ops.messages).includes("probe"), 30_000);
    expect(JSON.stringify(ops.messages)).toContain("check failed");
    // Not even on its way: an alert is one job for each channel, and they are put at once.
    const answer = await fetch(`${service.adminUrl}/queues/api/queues?activeQueue=alerts&jobsPerPage=50`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    const jobs = await answer.text();
    expect(jobs).toContain("-ops");
    expect(jobs).not.toContain("-others");
    for (const secret of site.secrets()) expect(await site.output()).not.toContain(secret);
    expect(await site.output()).not.toContain(ops.path);
  },
);
