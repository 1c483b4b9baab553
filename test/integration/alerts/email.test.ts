/** Mail through a real server: TLS or nothing, and no password where it could be read. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { type EmailOptions, openEmailChannel } from "../../../src/alerts/channels/email.ts";
import { Secret } from "../../../src/core/secret.ts";
import { ALL_CLEAR, LEAKED, REMINDER } from "../../support/alerts/sample-alerts.ts";
import { MailServer } from "../../support/alerts/mail-server.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { selfSignedCertificate } from "../../support/stores/self-signed-certificate.ts";
import { temporaryFile } from "../../support/alerts/temporary-file.ts";

async function openMail(
  server: MailServer,
  given: Partial<EmailOptions> = {},
  log = pino({ level: "silent" }),
) {
  const file = await temporaryFile(server.certificate.cert);
  const options: EmailOptions = {
    host: "localhost",
    port: server.port,
    tls: "starttls",
    login: { user: server.user, password: new Secret(server.password) },
    from: "rotator@example.com",
    to: ["ops@example.com"],
    caFile: file.path,
    ...given,
  };
  const channel = await openEmailChannel("mail", options, { clock: new FakeClock(), log });
  return { channel, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

describe("an e-mail channel", () => {
  it("sends nothing, and shows no password, where STARTTLS is not offered", async () => {
    await using server = await MailServer.open({ tls: "none" });
    await using mail = await openMail(server);
    await expect(mail.channel.send(LEAKED)).rejects.toMatchObject({
      message: expect.stringContaining("offers no STARTTLS"),
      retry: "never",
    });
    expect(server.signIns).toEqual([]);
    expect(server.mails).toEqual([]);
  });

  it("signs in only once the connection is encrypted", async () => {
    await using server = await MailServer.open();
    await using mail = await openMail(server);
    await mail.channel.send(LEAKED);
    expect(server.signIns).toEqual([{ secure: true }]);
  });

  it("shows no password to a server whose certificate nobody trusts", async () => {
    await using server = await MailServer.open();
    await using other = await temporaryFile(selfSignedCertificate().cert);
    for (const caFile of [null, other.path]) {
      await using mail = await openMail(server, { caFile });
      await expect(mail.channel.send(LEAKED)).rejects.toMatchObject({
        message: expect.stringContaining("certificate that is not trusted"),
        retry: "never",
      });
    }
    expect(server.signIns).toEqual([]);
  });

  it("says to check user and password where they are refused, and tells neither", async () => {
    await using server = await MailServer.open();
    const login = { user: server.user, password: new Secret("wrongCanary") };
    await using mail = await openMail(server, { login });
    const error: unknown = await mail.channel.send(LEAKED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message:
        `alert channel mail (email through localhost:${server.port}) does not let us in ` +
        "(EAUTH, 535, AUTH PLAIN): check user and password",
      retry: "never",
    });
  });

  it("waits for a server that does not run, or is not found", async () => {
    const server = await MailServer.open();
    await using mail = await openMail(server);
    await using nowhere = await openMail(server, { host: "mail.invalid" });
    await server[Symbol.asyncDispose]();
    for (const { channel } of [mail, nowhere])
      await expect(channel.send(LEAKED)).rejects.toMatchObject({
        message: expect.stringContaining("cannot be reached"),
        effect: "none",
        retry: "later",
      });
  });

  it("tells the log, and sends nobody a second copy, where some addresses are refused", async () => {
    await using server = await MailServer.open();
    const captured = captureLog();
    await using mail = await openMail(server, { to: ["ops@example.com", "gone@example.com"] }, captured.log);
    expect(await mail.channel.send(LEAKED)).toEqual({
      missed: `alert channel mail (email through localhost:${server.port}) refuses 1 of 2 addresses (gone@example.com, 550): check to`,
    });
    expect(server.mails.map(({ recipients }) => recipients)).toEqual([["ops@example.com"]]);
    expect(captured.lines).toEqual([
      expect.objectContaining({
        msg: "the mail server refused some addresses",
        rejected: ["gone@example.com"],
      }),
    ]);
  });

  it("names a few of many refused addresses, and has no complaint where there are none", async () => {
    await using server = await MailServer.open();
    const gone = Array.from({ length: 5 }, (_, index) => `gone@${index}.example`);
    await using mail = await openMail(server, { to: ["ops@example.com", ...gone] });
    expect(await mail.channel.send(LEAKED)).toMatchObject({
      missed: expect.stringContaining(
        "refuses 5 of 6 addresses (gone@0.example, 550; gone@1.example, 550; gone@2.example, 550; and 2 more)",
      ),
    });
    await using whole = await openMail(server);
    expect(await whole.channel.send(LEAKED)).toBeUndefined();
  });

  it("makes one thread of an incident, and asks no machine to answer", async () => {
    await using server = await MailServer.open();
    await using mail = await openMail(server);
    for (const alert of [LEAKED, REMINDER, ALL_CLEAR]) await mail.channel.send(alert);
    const [first, ...rest] = server.mails.map(({ email }) => email);
    expect(first?.messageId).toMatch(/^<exposed-secret-lives-[\w-]+@example\.com>$/);
    expect(rest.map(({ references }) => references)).toEqual([first?.messageId, first?.messageId]);
    expect(new Set(server.mails.map(({ email }) => email.messageId)).size).toBe(3);
    expect(server.mails.map(({ source }) => /^auto-submitted: auto-generated\r$/im.test(source))).toEqual([
      true,
      true,
      true,
    ]);
    expect(server.mails.map(({ source }) => /^x-priority: 1/im.test(source))).toEqual([true, true, false]);
    expect(server.mails.map(({ email }) => email.subject)).toEqual([
      "[critical] billing-worker: exposed secret lives",
      "[critical, reminder 2] billing-worker: exposed secret lives",
      "[over] billing-worker: exposed secret dead",
    ]);
  });

  it("is not opened with an authority that cannot be read", async () => {
    await using server = await MailServer.open();
    await expect(openMail(server, { caFile: "/nowhere/ca.pem" })).rejects.toThrow(
      "alerts.mail.caFile names a file that cannot be read (/nowhere/ca.pem)",
    );
  });
});
