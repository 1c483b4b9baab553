/** Where an alert leads, and how each channel shows it, also where it was made by somebody hostile. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailOf } from "../../../src/alerts/channels/email.ts";
import { pagerDutyEvent } from "../../../src/alerts/channels/pagerduty.ts";
import { slackMessage } from "../../../src/alerts/channels/slack.ts";
import { webhookBody } from "../../../src/alerts/channels/webhook.ts";
import { linksOf } from "../../../src/alerts/links.ts";
import { messageOf } from "../../../src/alerts/message.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { SlackFake } from "../../support/alerts/slack-fake.ts";
import { LEAKED } from "../../support/alerts/sample-alerts.ts";

const PLACES = { adminUrl: "https://rotator.example.com", keyNames: ["billing-worker", "a-standby"] };
const LINKED: Alert = { ...LEAKED, links: linksOf(LEAKED, PLACES) };
const FILED: Alert = { ...LEAKED, links: linksOf(LEAKED, { ...PLACES, adminUrl: null }) };

const pageFor = (keyName: string | null) => linksOf({ ...LEAKED, keyName }, PLACES).page;

describe("an alert", () => {
  it("leads to the page of its key, and to the runbook's entry of its kind", () => {
    expect(linksOf(LEAKED, PLACES)).toEqual({
      page: "https://rotator.example.com/keys/billing-worker",
      runbook: "https://rotator.example.com/runbook#exposed-secret-lives",
    });
  });

  it("of a standby leads to the page of its key, unless a key is called so", () => {
    expect(pageFor("billing-worker-standby")).toBe("https://rotator.example.com/keys/billing-worker");
    expect(pageFor("a-standby")).toBe("https://rotator.example.com/keys/a-standby");
  });

  it("about the account, or a key without a page, leads to the list", () => {
    expect([pageFor(null), pageFor("gone")]).toEqual(Array(2).fill("https://rotator.example.com/"));
  });

  it("stays below the path at which a proxy serves the pages", () => {
    const { page, runbook } = linksOf(LEAKED, { ...PLACES, adminUrl: "https://ops.example.com/rotator/" });
    expect(page).toBe("https://ops.example.com/rotator/keys/billing-worker");
    expect(runbook).toBe("https://ops.example.com/rotator/runbook#exposed-secret-lives");
  });

  it("names the runbook's place in the repository where nobody said how people reach the pages", () => {
    expect(FILED.links).toEqual({ page: null, runbook: "docs/runbook.md#exposed-secret-lives" });
  });
});

describe("the links are shown", () => {
  it("in Slack as links, and where no blocks are shown as text", () => {
    const { blocks, text } = slackMessage(LINKED);
    expect(blocks[3]).toMatchObject({
      text: {
        text:
          "<https://rotator.example.com/keys/billing-worker|Page> · " +
          "<https://rotator.example.com/runbook#exposed-secret-lives|Runbook>",
      },
    });
    expect(text).toContain("\nRunbook: https://rotator.example.com/runbook#exposed-secret-lives");
    expect(slackMessage(FILED).blocks[3]).toMatchObject({
      text: { text: "Runbook: docs/runbook.md#exposed-secret-lives" },
    });
  });

  it("in PagerDuty as links, or in the details where there is no address", () => {
    expect(pagerDutyEvent(LINKED)).toMatchObject({
      links: [
        { href: "https://rotator.example.com/keys/billing-worker", text: "Page" },
        { href: "https://rotator.example.com/runbook#exposed-secret-lives", text: "Runbook" },
      ],
    });
    expect(pagerDutyEvent(FILED)).not.toHaveProperty("links");
    expect(pagerDutyEvent(FILED)).toMatchObject({
      payload: { custom_details: { runbook: "docs/runbook.md#exposed-secret-lives" } },
    });
  });

  it("in mail as text and as links", () => {
    const { text, html } = emailOf(LINKED, "rotator@example.com");
    expect(text).toContain("\n\nPage: https://rotator.example.com/keys/billing-worker\nRunbook: https://");
    expect(html).toContain('<a href="https://rotator.example.com/keys/billing-worker">');
    expect(emailOf(FILED, "rotator@example.com").html).not.toContain("<a ");
  });

  it("to programs as a field", () => {
    expect(webhookBody(LINKED).data.links).toEqual(LINKED.links);
    expect(webhookBody(FILED).data.links).toEqual(FILED.links);
    expect(webhookBody(LEAKED).data.links).toEqual({ page: null, runbook: null });
  });

  it("nowhere in an alert that an earlier release has raised", () => {
    expect(messageOf(LEAKED).links).toEqual([]);
    expect(slackMessage(LEAKED).blocks).toHaveLength(4);
    expect(pagerDutyEvent(LEAKED)).not.toHaveProperty("links");
    expect(emailOf(LEAKED, "rotator@example.com").html).not.toContain("<a ");
  });
});

describe("a link that somebody else has written", () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      "javascript:alert(1)",
      "https://evil.example|click> <!channel>",
      'https://evil.example/" onclick="alert(1)',
      "https://evil.example/\r\nBcc: victim@evil.example",
      "https://evil.example/\u202Etxt.exe",
      `https://evil.example/${"x".repeat(3_000)}`,
    ),
    fc.string({
      unit: fc.constantFrom("<", ">", "|", "&", '"', "'", "h", "://", "\n", "\u202E"),
      maxLength: 300,
    }),
  );
  const alerts = fc.record({ page: hostile, runbook: hostile }).map((links): Alert => ({ ...LEAKED, links }));

  it("is taken by Slack, and ends where it should", () => {
    const slack = new SlackFake();
    fc.assert(
      fc.property(alerts, (alert) => {
        const body = JSON.stringify(slackMessage(alert));
        const headers = { "content-type": "application/json" };
        expect(slack.serve({ method: "POST", path: slack.path, headers, body }).body).toBe("ok");
        const texts = (slack.messages.at(-1)?.blocks ?? []).flatMap((block) =>
          block.type === "section" ? [block.text.text] : [],
        );
        for (const text of texts)
          expect(text.replaceAll(/<https?:\/\/[^<>|\s]+\|(Page|Runbook)>/g, "")).not.toMatch(/[<>]/);
      }),
    );
  });

  it("is no link unless it is an address, and adds nothing to a mail", () => {
    fc.assert(
      fc.property(alerts, (alert) => {
        const { html, text } = emailOf(alert, "rotator@example.com");
        for (const [, to = ""] of html.matchAll(/<a href="([^"]*)"/g)) expect(to).toMatch(/^https?:\/\//);
        expect(html.match(/<\w+/g)?.every((tag) => /^<(html|body|p|strong|small|br|a)$/.test(tag))).toBe(
          true,
        );
        expect(text).not.toMatch(/^Bcc/m);
        expect(text).not.toMatch(/\u202E/);
        const event = pagerDutyEvent(alert);
        for (const { href } of ("links" in event && event.links) || [])
          expect(href).toMatch(/^https?:\/\/[^\s<>"|]+$/);
      }),
    );
  });
});
