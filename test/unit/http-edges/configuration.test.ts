/** The sections `webhooks` and `listeners` of the file. */
import { describe, expect, it } from "vitest";
import { FILE, faultsOf, read } from "../config/sources.ts";

const webhooks = (fields: string) => `${FILE}webhooks: { ${fields} }\n`;

describe("from where webhooks are taken", () => {
  it("is everywhere unless it is said, and nobody is trusted about it", () => {
    expect(read().webhook).toMatchObject({ allowedSources: null, trustedProxies: [] });
  });

  it.each([
    ["paddle", { networks: [], paddle: true }],
    ["[paddle]", { networks: [], paddle: true }],
    ["[paddle, 10.0.0.0/8]", { networks: ["10.0.0.0/8"], paddle: true }],
    ['[192.0.2.1, "2001:db8::/32"]', { networks: ["192.0.2.1", "2001:db8::/32"], paddle: false }],
    ["192.0.2.1", { networks: ["192.0.2.1"], paddle: false }],
  ])("may be %s", (said, expected) => {
    expect(read({ yaml: webhooks(`allowedSources: ${said}`) }).webhook.allowedSources).toEqual(expected);
  });

  it.each([
    ["allowedSources: []", "webhooks.allowedSources"],
    ["allowedSources: stripe", "webhooks.allowedSources[0]"],
    ["allowedSources: [0.0.0.0/0]", "webhooks.allowedSources[0]"],
    ["allowedSources: [10.0.0.0/33]", "webhooks.allowedSources[0]"],
    ["allowedSources: [10.0.0.0/8/8]", "webhooks.allowedSources[0]"],
    ["allowedSources: 5", "webhooks.allowedSources"],
    ["trustedProxies: 10.0.0.0/8", "webhooks.trustedProxies"],
    ["trustedProxies: []", "webhooks.trustedProxies"],
    ['trustedProxies: ["::/0"]', "webhooks.trustedProxies[0]"],
    ["trustedProxies: [proxy.internal]", "webhooks.trustedProxies[0]"],
    ["trustedProxy: [10.0.0.1]", "webhooks.trustedProxy"],
  ])("is refused if it is said to be { %s }", (fields, place) => {
    const faults = faultsOf({ yaml: webhooks(fields) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${place} (rotator.yaml:`);
  });
});

describe("a listener", () => {
  it("speaks plain HTTP unless it is given a certificate and its key", () => {
    expect([read().publicListener.tls, read().adminListener.tls]).toEqual([null, null]);
    const yaml = `${FILE}listeners: { public: { tls: { certFile: tls/a.crt, keyFile: /run/a.key } } }\n`;
    const { publicListener, adminListener } = read({ yaml });
    expect(publicListener.tls).toEqual({ certFile: "/srv/rotator/tls/a.crt", keyFile: "/run/a.key" });
    expect(adminListener.tls).toBeNull();
  });

  it("is refused with only one of them", () => {
    const yaml = `${FILE}listeners: { admin: { tls: { certFile: a.crt } } }\n`;
    expect(faultsOf({ yaml })).toEqual([
      expect.stringMatching(/^listeners\.admin\.tls\.keyFile \(rotator\.yaml:\d+\): is missing/),
    ]);
  });
});
