/** The links of an alert are made when it is raised, and go with it to every channel. */
import { expect, it } from "vitest";
import { openAlertLog, readAlerts } from "../../../src/alerts/alert-log.ts";
import type { AlertJob } from "../../../src/queue/alert-jobs.ts";
import { type AlertRouting, createAlerts } from "../../../src/queue/alerts.ts";
import type { QueueBackend } from "../../../src/queue/backend.ts";
import { LEAKED } from "../../support/alerts/sample-alerts.ts";
import { memoryRecords } from "../../support/memory-records.ts";

async function raised(routing: AlertRouting): Promise<readonly AlertJob[]> {
  const jobs: AlertJob[] = [];
  const addBulk = async (bulk: readonly { readonly data: AlertJob }[]) => {
    jobs.push(...bulk.map(({ data }) => data));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is asked of a backend here
  const backend = { queues: { alerts: { addBulk } } } as unknown as QueueBackend;
  await createAlerts(backend, [{ name: "log" }, { name: "ops" }], routing).raise(LEAKED);
  return jobs;
}

it("gives every channel the page and the runbook", async () => {
  const jobs = await raised({ adminUrl: "https://rotator.example.com", keyNames: ["billing-worker"] });
  const links = {
    page: "https://rotator.example.com/keys/billing-worker",
    runbook: "https://rotator.example.com/runbook#exposed-secret-lives",
  };
  expect(jobs).toEqual(["log", "ops"].map((channel) => ({ v: 1, channel, alert: { ...LEAKED, links } })));
});

it("names the runbook's file where nobody said how people reach the pages", async () => {
  const [job] = await raised({});
  expect(job?.alert.links).toEqual({ page: null, runbook: "docs/runbook.md#exposed-secret-lives" });
});

it("keeps the alert for who looks afterwards as it was raised", async () => {
  const records = memoryRecords();
  await raised({ adminUrl: "https://rotator.example.com", log: openAlertLog(records) });
  expect((await readAlerts(records, 10)).alerts).toEqual([LEAKED]);
});
