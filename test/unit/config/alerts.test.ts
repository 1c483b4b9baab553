/** The section `alerts` and the field `alerts` of a key: what they take, what they refuse, and that no secret shows. */
import { inspect } from "node:util";
import { pino } from "pino";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createChannel } from "../../../src/alerts/channels/registry.ts";
import { alertsFit, alertsSection, chosenChannels } from "../../../src/config/alerts.ts";
import { fieldFaults, formatPath } from "../../../src/config/faults.ts";
import { EVEN_AMONG_FAULTS, section } from "../../../src/config/section.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const FOLDER = "/srv/rotator";
const SLACK = "ops: { type: slack, url: 'https://hooks.slack.com/services/T0/B0/canary' }";
const PAGER = "oncall: { type: pagerduty, routingKey: canarycanarycanarycanarycanary00 }";
const MAIL = "host: mail.example.com, from: rotator@example.com, to: [ops@example.com]";
const KEY = `whsec_${Buffer.from("canary-canary-canary-canary").toString("base64")}`;

const File = section({
  keys: z
    .array(
      section({ alerts: chosenChannels.optional() }).transform(({ alerts }) => ({ alerts: alerts ?? null })),
    )
    .prefault([]),
  alerts: alertsSection(FOLDER).prefault({}),
}).superRefine(alertsFit, EVEN_AMONG_FAULTS);

const read = (...channels: readonly string[]) =>
  File.parse(parse(`alerts: { ${channels.join(", ")} }`)).alerts;

function faultsOf(yaml: string): string[] {
  const { error } = File.safeParse(parse(yaml));
  return error ? fieldFaults(error).map(({ path, message }) => `${formatPath(path)} ${message}`) : [];
}

describe("the section alerts", () => {
  it("may be left out: then alerts go to the log alone", () => {
    expect(File.parse({}).alerts).toEqual([]);
  });

  it("gives each channel its name, and what it takes unless told otherwise", () => {
    const mail = `mail: { type: email, ${MAIL} }`;
    const hook = `hook: { type: webhook, url: 'https://tickets.example.com', secret: '${KEY}' }`;
    expect(read(SLACK, PAGER, mail, hook)).toMatchObject([
      { name: "ops", type: "slack", minSeverity: "info" },
      {
        name: "oncall",
        type: "pagerduty",
        minSeverity: "critical",
        url: "https://events.pagerduty.com/v2/enqueue",
      },
      {
        name: "mail",
        type: "email",
        port: 587,
        tls: "starttls",
        login: null,
        caFile: null,
        minSeverity: "info",
      },
      { name: "hook", type: "webhook", minSeverity: "info" },
    ]);
  });

  it("takes the usual port of the kind of TLS, and files from the folder of the file", () => {
    expect(read(`mail: { type: email, ${MAIL}, tls: tls, caFile: ./ca.pem }`)).toMatchObject([
      { port: 465, caFile: "/srv/rotator/ca.pem" },
    ]);
    expect(read(`mail: { type: email, ${MAIL}, port: 2525 }`)).toMatchObject([{ port: 2525 }]);
  });

  it("takes http:// on this machine alone", () => {
    expect(read("ops: { type: slack, url: 'http://127.0.0.1:4000/hook' }")).toHaveLength(1);
  });

  it("shows no address, no key and no password, however it is looked at", () => {
    const mail = `mail: { type: email, ${MAIL}, user: rotator, password: canary }`;
    const hook = `hook: { type: webhook, url: 'https://tickets.example.com/canary', secret: '${KEY}' }`;
    const alerts = read(SLACK, PAGER, mail, hook);
    expect(`${inspect(alerts, { depth: null, showHidden: true })}${JSON.stringify(alerts)}`).not.toMatch(
      /canary|Y2FuYXJ5/,
    );
  });

  it("makes channels that can be opened", async () => {
    const needs = { clock: new FakeClock(), log: pino({ level: "silent" }) };
    const hook = `hook: { type: webhook, url: 'https://tickets.example.com', secret: '${KEY}' }`;
    const configs = read(SLACK, PAGER, `mail: { type: email, ${MAIL} }`, hook);
    const channels = await Promise.all(configs.map((config) => createChannel(config.name, config, needs)));
    expect(channels.map(({ name, minSeverity }) => [name, minSeverity])).toEqual([
      ["ops", "info"],
      ["oncall", "critical"],
      ["mail", "info"],
      ["hook", "info"],
    ]);
  });

  it.each([
    [
      "http beyond this machine",
      "ops: { type: slack, url: 'http://hooks.slack.com/services/x' }",
      "alerts.ops.url",
    ],
    [
      "a password in an address",
      "ops: { type: slack, url: 'https://a:b@hooks.slack.com' }",
      "alerts.ops.url",
    ],
    ["no address", "ops: { type: slack }", "alerts.ops.url is missing"],
    [
      "an unknown kind",
      "ops: { type: pigeon }",
      "alerts.ops.type must be one of slack, pagerduty, email, webhook",
    ],
    ["no kind", "ops: {}", "alerts.ops.type must be"],
    [
      "a field of another kind",
      `ops: { type: slack, url: 'https://a.example', secret: x }`,
      "alerts.ops.secret",
    ],
    [
      "a routing key of another length",
      "oncall: { type: pagerduty, routingKey: abc }",
      "alerts.oncall.routingKey",
    ],
    ["an unknown severity", `${SLACK.slice(0, -1)}, minSeverity: error }`, "alerts.ops.minSeverity"],
    [
      "a name with a space",
      "'on call': { type: slack, url: 'https://a.example' }",
      "alerts.(unprintable name)",
    ],
    [
      "the name of the log",
      "log: { type: slack, url: 'https://a.example' }",
      "alerts.log is the name of the channel",
    ],
    ["a user without password", `mail: { type: email, ${MAIL}, user: x }`, "alerts.mail.password is missing"],
    ["a password without user", `mail: { type: email, ${MAIL}, password: x }`, "alerts.mail.user is missing"],
    [
      "mail for nobody",
      "mail: { type: email, host: a.example, from: a@b.example, to: [] }",
      "alerts.mail.to",
    ],
    [
      "an address that brings a header",
      'mail: { type: email, host: a.example, from: "a@b.example\\r\\nBcc: x@y.example", to: [a@b.example] }',
      "alerts.mail.from",
    ],
    ["mail without TLS", `mail: { type: email, ${MAIL}, tls: none }`, "alerts.mail.tls"],
    [
      "a short signing key",
      "hook: { type: webhook, url: 'https://a.example', secret: whsec_c2hvcnQ= }",
      "alerts.hook.secret",
    ],
    [
      "a signing key that is no base64",
      `hook: { type: webhook, url: 'https://a.example', secret: '${KEY}!' }`,
      "alerts.hook.secret",
    ],
  ])("refuses %s, and names the field", (_, channel, fault) => {
    expect(faultsOf(`alerts: { ${channel} }`)).toEqual([expect.stringContaining(fault)]);
  });
});

describe("the channels of a key", () => {
  it("are all of them where it names none", () => {
    expect(File.parse({ keys: [{}] }).keys).toEqual([{ alerts: null }]);
  });

  it("may be the log alone, if that is said", () => {
    expect(faultsOf("keys: [{ alerts: [log] }]")).toEqual([]);
  });

  it("must be there", () => {
    expect(faultsOf(`{ keys: [{ alerts: [ops, opps, nobody] }], alerts: { ${SLACK} } }`)).toEqual([
      "keys[0].alerts[1] is not the name of a channel in the section alerts; did you mean ops?",
      "keys[0].alerts[2] is not the name of a channel in the section alerts; known here: ops, log",
    ]);
  });

  it("are not none by mistake", () => {
    expect(faultsOf("keys: [{ alerts: [] }]")).toEqual([
      expect.stringContaining("keys[0].alerts must be a list of at least one name"),
    ]);
  });
});
