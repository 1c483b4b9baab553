/** What the rotator sees of an application with the helpers: notifications, fingerprints and attestations. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { httpConsumer } from "../../../src/consumers/http/consumer.ts";
import { Secret } from "../../../src/core/secret.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { BODY, FORGED, NOBODYS, type Notification, signed, signedByEverybody } from "./notifications.ts";
import { ApplicationPlace, type Language, NOTIFICATION_SECRET } from "./place.ts";

export function endpointContract(language: Language): void {
  describe(`the rotator, of an application in ${language.name},`, () => {
    let place: ApplicationPlace;

    beforeEach(async () => {
      place = await ApplicationPlace.open(language);
      await place.start();
    });

    afterEach(async () => {
      await place[Symbol.asyncDispose]();
      expect(place.output()).not.toMatch(/pdl_|canary|whsec_/);
    });

    const notify = async ({ body = BODY, headers = {} }: Notification) => {
      const answer = await fetch(`${place.url}/paddle-key/reload`, { method: "POST", headers, body });
      return answer.status;
    };
    const shown = (secret: string) => ({ fingerprint: new Secret(secret).fingerprint() });

    it("sees by its own consumer how it switches over, before the old secret dies", async () => {
      const consumer = httpConsumer(
        {
          name: "billing",
          refreshMs: 0,
          timeoutMs: 10_000,
          notify: { url: `${place.url}/paddle-key/reload`, secret: new Secret(NOTIFICATION_SECRET) },
          verify: { url: `${place.url}/paddle-key`, token: null },
          expect: null,
          allow: null,
        },
        { clock: systemClock, random: () => 0, records: memoryRecords() },
      );
      const successor = place.rotate(place.first, 86_400);
      const switchOver = { id: "s1", keyName: "billing", rotationId: "apkrot_1", ...shown(successor) };
      const before = await consumer.observe(switchOver);
      expect(before.state).toBe(language.remembers ? "under-way" : "proved");
      expect(await consumer.notify(switchOver)).toBe("told");
      expect(await consumer.observe(switchOver)).toMatchObject({ state: "proved" });
      await place.call();
      expect(place.paddle.requests.at(-1)).toMatchObject(shown(successor));
    });

    it.each(Object.keys(FORGED))("is not taken for somebody whose notification %s", async (which) => {
      place.write({ active: place.paddle.createKey().secret });
      expect(await notify(FORGED[which]?.() ?? {})).toBe(401);
      if (language.remembers) expect(await place.fingerprint()).toEqual(shown(place.first));
    });

    it.each(["first", "last"])(
      "may change its signing secret: one signature is enough, the %s",
      async (which) => {
        const headers = signed();
        const ours = headers["webhook-signature"];
        const others = `${NOBODYS} v1a,${"A".repeat(86)}`;
        const several = which === "first" ? `${ours} ${others}` : `${others} ${ours}`;
        expect(await notify({ headers: { ...headers, "webhook-signature": several } })).toBe(204);
      },
    );

    it("may notify again", async () => {
      const headers = signed();
      expect([await notify({ headers }), await notify({ headers })]).toEqual([204, 204]);
      expect(await place.fingerprint()).toEqual(shown(place.first));
    });

    it("hears of an application that cannot read its keys any more", async () => {
      place.writeText("LOG_LEVEL=info\n");
      expect(await notify({ headers: signed() })).toBe(500);
    });

    it("sees the old secret where the application had to fall back to it", async () => {
      const dead = place.deadSecret();
      place.write({ active: dead, old: place.first });
      await notify({ headers: signed() });
      expect(await place.fingerprint()).toEqual(shown(dead));
      await place.call();
      if (language.remembers) expect(await place.fingerprint()).toEqual(shown(place.first));
    });

    it("is not taken for anybody by an application without a secret to check by", async () => {
      const started = place.start({ PADDLE_KEY_SECRET: "whsec_" });
      const isUp = await started.then(
        () => true,
        (error: unknown) => String(error).includes("PADDLE_KEY_SECRET") && "refused to start",
      );
      if (isUp === true) expect(await notify({ headers: signedByEverybody() })).toBe(401);
      else expect(isUp).toBe("refused to start");
    });
  });
}
