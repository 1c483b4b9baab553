/** The commands that ask the running service, as processes beside a real admin listener. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { HttpFake } from "../../support/alerts/http-fake.ts";
import { SlackFake } from "../../support/alerts/slack-fake.ts";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import type { Slots } from "../../../src/core/slots.ts";
import { HAS_TERMINAL, openCli } from "../../support/admin/cli.ts";
import {
  CANARY,
  KEY_ID,
  keyWith,
  LEGACY,
  NOW,
  OLD,
  OTHER_KEY_ID,
  secretOf,
  STEADY,
} from "../../support/admin/keys.ts";
import { apiKey, DeskStore } from "../../support/admin/neighbours.ts";
import { openAdmin } from "../../support/admin/world.ts";
import { freePort } from "../../support/owned-process.ts";
import { selfSignedCertificate } from "../../support/stores/self-signed-certificate.ts";

const CANDIDATE = secretOf("Candidate", OTHER_KEY_ID);
const KEY = CANDIDATE.reveal();
const IN_GRACE: Slots = { ...STEADY, old: OLD };
const TOKEN = "CaNaRy-token-0123456789-0123456789-0123456789";

async function open(slots: Slots = STEADY) {
  await using opened = new AsyncDisposableStack();
  const store = new DeskStore(slots);
  const signIn = { user: null, token: new Secret(TOKEN) };
  const admin = opened.use(await openAdmin({ keys: [keyWith(store)], signIn }));
  const cli = opened.use(await openCli(admin.origin, TOKEN));
  const held = opened.move();
  return { admin, cli, store, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

describe("rotate", () => {
  it("asks for a graceful rotation with the grace that was chosen", async () => {
    await using site = await open();
    const { code, out } = await site.cli.run(["rotate", "billing", "--grace", "1h"]);
    const [work] = site.admin.workQueue.puts;
    expect([code, out]).toEqual([0, `billing will be rotated by the job ${work?.intent.id}\n`]);
    expect(work).toMatchObject({ job: "rotate", graceSeconds: 3_600 });
  });

  it("kills the secret first only for who says --yes, where nobody can be asked", async () => {
    await using site = await open();
    const refused = await site.cli.run(["rotate", "billing", "--revoke-first"]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
    expect(site.admin.workQueue.puts).toEqual([]);
    const { code, out } = await site.cli.run(["rotate", "billing", "--revoke-first", "--yes", "--json"]);
    const [work] = site.admin.workQueue.puts;
    expect([code, work?.job]).toEqual([0, "revoke-first"]);
    expect(JSON.parse(out)).toMatchObject({ jobId: work?.intent.id });
  });

  it.skipIf(!HAS_TERMINAL)(
    "asks a person to type the key's name before it kills the secret first",
    async () => {
      await using site = await open();
      const args = ["rotate", "billing", "--revoke-first"];
      const wrong = await site.cli.type(args, "to go on: ", "yes\r");
      expect(wrong).toMatchObject({ code: 2, out: expect.stringContaining("nothing was done") });
      expect(site.admin.workQueue.puts).toEqual([]);
      expect(await site.cli.type(args, "to go on: ", "billing\r")).toMatchObject({ code: 0 });
      expect(site.admin.workQueue.puts).toMatchObject([{ job: "revoke-first" }]);
    },
  );
});

describe("replace", () => {
  it("hands over the key from standard input and says what was noted", async () => {
    await using site = await open();
    site.admin.paddle.says(CANDIDATE, { accepted: true, key: apiKey(OTHER_KEY_ID, { rotatable: false }) });
    const { code, out, err } = await site.cli.run(["replace", "billing"], `${KEY}\n`);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^accepted: the job manual-\S+ puts the new key of billing to use\nnote: .*without rotation/,
    );
    expect(out).not.toContain(CANARY);
    expect(site.store.slots.standby?.secret).toEqual(CANDIDATE);
  });

  it.skipIf(!HAS_TERMINAL)("asks for the key on a terminal and does not show it", async () => {
    await using site = await open();
    const { code, out } = await site.cli.type(["replace", "billing"], "(is not shown): ", `${KEY}\r`);
    expect([code, out]).toEqual([0, expect.stringContaining("accepted: the job manual-")]);
    expect(out).not.toContain(CANARY);
    expect(site.store.slots.standby?.secret).toEqual(CANDIDATE);
  });

  it.skipIf(!HAS_TERMINAL).each([
    ["Ctrl-C", `${KEY}\u0003`],
    ["Ctrl-D", "\u0004"],
    ["Enter", "\r"],
  ])("does nothing after %s at the prompt", async (_what, typed) => {
    await using site = await open();
    const { code, out } = await site.cli.type(["replace", "billing"], "(is not shown): ", typed);
    expect(code).toBe(2);
    expect(out).not.toContain(CANARY);
    expect(site.admin.paddle.asked).toEqual([]);
  });

  it("says every fault when the key is rejected, and for programs as the service said it", async () => {
    await using site = await open();
    site.admin.paddle.says(CANDIDATE, {
      accepted: true,
      key: apiKey(OTHER_KEY_ID, { exposedAt: NOW, permissions: [] }),
    });
    const people = await site.cli.run(["replace", "billing"], KEY);
    expect(people).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/422.*found in public.*lacks/s),
    });
    const programs = await site.cli.run(["replace", "billing", "--json"], KEY);
    expect(programs.code).toBe(1);
    expect(JSON.parse(programs.out)).toMatchObject({
      status: 422,
      faults: [{ kind: "exposed" }, { kind: "missing-permissions" }],
    });
    expect(JSON.stringify([people, programs])).not.toContain(CANARY);
  });

  it("accepts by force that permissions are missing", async () => {
    await using site = await open();
    site.admin.paddle.says(CANDIDATE, { accepted: true, key: apiKey(OTHER_KEY_ID, { permissions: [] }) });
    const { code, out } = await site.cli.run(["replace", "billing", "--force"], KEY);
    expect([code, out]).toEqual([0, expect.stringContaining("note: Accepted all the same")]);
  });

  it.each([
    ["beside the name", ["replace", "billing", KEY]],
    ["in the place of the name", ["replace", KEY]],
    ["as an option", ["replace", "billing", `--key=${KEY}`]],
    ["from before May 2025", ["replace", "billing", LEGACY.secret.reveal()]],
    ["in the place of the command", [KEY]],
  ])(
    "refuses a key %s on the command line, warns of the history and does not repeat it",
    async (_where, args) => {
      await using site = await open();
      const result = await site.cli.run(args, KEY);
      expect(result).toMatchObject({ code: 2, out: "", err: expect.stringContaining("shell's history") });
      expect(result.err).not.toContain(CANARY);
      expect(site.admin.paddle.asked).toEqual([]);
    },
  );

  it.each([
    ["nothing", ""],
    ["two keys", `${KEY}\n${KEY}`],
    ["a whole file", "x".repeat(5_000)],
  ])("refuses %s on standard input", async (_what, input) => {
    await using site = await open();
    expect(await site.cli.run(["replace", "billing"], input)).toMatchObject({ code: 2, out: "" });
  });
});

describe("rollback", () => {
  it("says until when it lasts", async () => {
    await using site = await open(IN_GRACE);
    const { code, out } = await site.cli.run(["rollback", "billing"]);
    expect([code, out]).toEqual([0, expect.stringContaining("2026-11-21T12:55:00.000Z")]);
    expect(site.store.slots.rolledBack).toBe(true);
    expect(site.admin.workQueue.puts).toMatchObject([{ keyId: KEY_ID, intent: { kind: "resume" } }]);
  });

  it("says why it cannot be done, for programs as the service said it", async () => {
    await using site = await open();
    expect(await site.cli.run(["rollback", "billing"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("409: There is no old secret"),
    });
    const { code, out } = await site.cli.run(["rollback", "billing", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([1, { status: 409 }]);
  });
});

describe("test-alert", () => {
  const through = (slack: SlackFake, fake: HttpFake) =>
    openCli(
      "http://127.0.0.1:1",
      "",
      `alerts: { ops: { type: slack, url: "${fake.origin}${slack.path}" } }\n`,
    );

  it("sends one alert through the channel, and the service need not run", async () => {
    const slack = new SlackFake();
    await using fake = await HttpFake.open((request) => slack.serve(request));
    await using cli = await through(slack, fake);
    expect(await cli.run(["test-alert", "ops"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok {6}ops took the test alert test-alert-ops-/),
    });
    expect(slack.messages).toHaveLength(1);
    expect(JSON.stringify(slack.messages)).toContain("This is a test of the alert channel ops");
  });

  it("says what the channel answered where it did not take it, and not where that channel is", async () => {
    const slack = new SlackFake();
    await using fake = await HttpFake.open((request) => slack.serve(request));
    await using cli = await through(slack, fake);
    fake.trouble = { status: 403, body: "invalid_token" };
    const { code, out } = await cli.run(["test-alert", "ops", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([1, { ok: false, fault: expect.stringContaining("403") }]);
    expect(out).not.toContain("CANARY");
  });

  it("names the channels that there are", async () => {
    await using fake = await HttpFake.open(() => ({ status: 500, body: "" }));
    await using cli = await through(new SlackFake(), fake);
    expect(await cli.run(["test-alert", "oncall"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("there is no channel oncall in the section alerts (ops)"),
    });
  });
});

describe("a command line", () => {
  it.each([
    ["names no command", [], "a command is needed"],
    ["names an unknown command", ["rotat"], "there is no command rotat; did you mean rotate?"],
    ["names what every object has", ["constructor"], "there is no command constructor"],
    ["names no channel", ["test-alert"], "test-alert needs the name of a channel"],
    ["names no key", ["rollback"], "rollback needs the name of a key"],
    ["names two keys", ["rotate", "billing", "reports"], "one name and nothing more"],
    ["names a key where none belongs", ["check", "billing"], "no name and nothing more"],
    ["asks for help about an unknown command", ["help", "chekc"], "did you mean check?"],
    ["has an option of another command", ["rollback", "billing", "--force"], "does not take --force"],
    ["has an unknown option", ["rotate", "billing", "--now"], "--now"],
    ["has a time that is none", ["rotate", "billing", "--grace", "1 hour"], "--grace takes a time"],
    ["has a grace where none is", ["rotate", "billing", "--revoke-first", "--grace", "1h"], "no grace"],
  ])("that %s ends with 2 and what is right", async (_what, args, says) => {
    await using cli = await openCli("http://127.0.0.1:1");
    const result = await cli.run(args);
    expect(result).toMatchObject({ code: 2, out: "", err: expect.stringContaining(says) });
    expect(result.err).toContain("usage: npm run rotator");
  });

  it("ends with 1 where no service answers, and says where it looked and what stopped it", async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    await using cli = await openCli(origin);
    expect(await cli.run(["rollback", "billing"])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`does not answer at ${origin} (ECONNREFUSED): is it running`),
    });
  });

  it("prints what is wrong as JSON for programs", async () => {
    await using cli = await openCli(`http://127.0.0.1:${await freePort()}`);
    const { code, out, err } = await cli.run(["rollback", "billing", "--json"]);
    expect([code, err, JSON.parse(out)]).toEqual([
      1,
      "",
      { ok: false, fault: expect.stringContaining("does not answer") },
    ]);
  });

  it("says that a port is refused by whoever asks over HTTP, and names ADMIN_PORT", async () => {
    await using cli = await openCli("http://127.0.0.1:6000");
    expect(await cli.run(["status"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /browsers refuse the port 6000, and so do these commands: set another ADMIN_PORT/,
      ),
    });
  });

  it("says that the service does not prove who it is, where nobody here knows its authority", async () => {
    const { cert, key } = selfSignedCertificate();
    await using server = createServer({ cert, key });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const files = "{ certFile: ./tls.crt, keyFile: ./tls.key }";
    const origin = `https://127.0.0.1:${port}`;
    await using cli = await openCli(origin, "", `listeners: { admin: { tls: ${files} } }\n`);
    expect(await cli.run(["status"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        `at ${origin} does not prove who it is \\(DEPTH_ZERO_SELF_SIGNED_CERT\\): .*NODE_EXTRA_CA_CERTS`,
      ),
    });
  });

  it.each([[["help"]], [["--help"]], [["help", "rotate"]], [["rotate", "--help"]]])(
    "that asks for help (%s) gets it, without any configuration",
    async (args) => {
      await using cli = await openCli("http://127.0.0.1:1", "", "nonsense: 1\n");
      const { code, out, err } = await cli.run(args);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(args.includes("rotate") ? /--grace <time>/ : /test-alert <channel>/);
    },
  );
});

describe("status", () => {
  it("lists the keys in columns", async () => {
    await using site = await open(IN_GRACE);
    const { code, out } = await site.cli.run(["status"]);
    const [heading = "", row = "", ...rest] = out.split("\n");
    expect(code).toBe(0);
    expect(heading).toMatch(/^ +KEY +STATE +ACTIVE +OLD UNTIL +NEXT DUE +CONSUMERS +STANDBY +INCIDENTS$/);
    expect(row).toMatch(/^ +billing +in grace +sha256:\w{16} +2026-11-21 13:00Z \(.*\) +- +- +none +-$/);
    expect(row.indexOf("in grace")).toBe(heading.indexOf("STATE"));
    expect(rest).toEqual([""]);
  });

  it("marks a key that needs a person", async () => {
    await using site = await open({ ...STEADY, active: LEGACY });
    const { code, out } = await site.cli.run(["status"]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^! +billing +legacy key/m)]);
    expect(out).toContain("1 key needs you (!)");
  });

  it("tells all about one key, and shows no secret", async () => {
    await using site = await open(IN_GRACE);
    const { code, out } = await site.cli.run(["status", "billing"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^billing \(apikey_\w+\): in grace\nThe new secret is in use/);
    expect(out).toMatch(/^Paddle +active, rotatable, expires 2027-02-19 12:00Z/m);
    expect(out).toMatch(/^standby +none/m);
    expect(out).not.toContain(CANARY);
  });

  it("names the keys that there are, and gives programs the service's own answer", async () => {
    await using site = await open();
    expect(await site.cli.run(["status", "biling"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("There are: billing"),
    });
    const { code, out } = await site.cli.run(["status", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([0, { keys: [{ name: "billing", state: "steady" }] }]);
  });
});

describe("plan", () => {
  it("says what comes next for each key, and the worst outage of each case", async () => {
    await using site = await open();
    const { code, out } = await site.cli.run(["plan"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^billing \(apikey_\w+\)\n {2}next {11}\S/);
    expect(out).toMatch(/^ {2}if it dies {5}There is no standby/m);
    expect(out).toContain("worst outage: until a person acts. Until a person brings another key.");
  });

  it("is about one key where it is named, and is JSON for programs", async () => {
    await using site = await open();
    const { code, out } = await site.cli.run(["plan", "billing", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { keys: [{ name: "billing", death: { needsPerson: true } }] },
    ]);
    expect(await site.cli.run(["plan", "nobody"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("no key is named nobody; there are: billing"),
    });
  });
});

describe("check", () => {
  it("looks at everything, and the service need not run", async () => {
    await using cli = await openCli("http://127.0.0.1:1");
    const { code, out } = await cli.run(["check", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      {
        ok: false,
        findings: expect.arrayContaining([
          expect.objectContaining({
            about: "billing",
            level: "failed",
            says: expect.stringMatching("no key id"),
          }),
        ]),
      },
    ]);
  });

  it("ends with 78 where the configuration is at fault, one line for each fault", async () => {
    await using cli = await openCli("http://127.0.0.1:1", "", "nonsense: 1\n");
    const { code, out, err } = await cli.run(["check"]);
    expect([code, err]).toEqual([78, ""]);
    expect(out).toMatch(/^failed {2}configuration: nonsense .*is not a known field/);
  });
});
