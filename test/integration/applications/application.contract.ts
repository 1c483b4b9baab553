/** What the helpers of docs/applications promise, in every language: one suite, run on each with its real interpreter. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { ApplicationPlace, type Language } from "./place.ts";
import { startRedirector } from "./redirector.ts";

export function applicationContract(language: Language): void {
  describe(`an application in ${language.name}`, () => {
    let place: ApplicationPlace;

    beforeEach(async () => {
      place = await ApplicationPlace.open(language);
    });

    afterEach(async () => {
      await place[Symbol.asyncDispose]();
      expect(place.output()).not.toMatch(/pdl_|canary|whsec_/);
    });

    const fingerprints = () => place.paddle.requests.map(({ fingerprint }) => fingerprint);
    const of = (...secrets: string[]) => secrets.map((secret) => new Secret(secret).fingerprint());

    it("calls Paddle with the active key", async () => {
      await place.start();
      expect(await place.call()).toMatchObject({ status: 200 });
      expect(fingerprints()).toEqual(of(place.first));
    });

    it("serves the customer whose request was under way when the secret died, with the one that is active now", async () => {
      await place.start();
      let successor = "";
      place.paddle.faults.add({
        when: () => {
          successor ||= place.rotate(place.first, 0);
          return false;
        },
        do: { kind: "reset" },
      });
      expect(await place.call()).toMatchObject({ status: 200 });
      expect(fingerprints()).toEqual(of(place.first, successor));
      await place.call();
      expect(fingerprints()).toEqual(of(place.first, successor, successor));
    });

    it("serves its customers after a rotation that it was not told of", async () => {
      await place.start();
      await place.call();
      place.rotate(place.first, 0);
      const answers = await Promise.all([place.call(), place.call(), place.call()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    it("goes on with the old secret while Paddle refuses the active one", async () => {
      await place.start();
      place.write({ active: place.deadSecret(), old: place.first });
      expect(await place.call()).toMatchObject({ status: 200 });
      expect(fingerprints().at(-1)).toEqual(of(place.first)[0]);
    });

    it("starts with the old secret where the active one is dead", async () => {
      const dead = place.deadSecret();
      place.write({ active: dead, old: place.first });
      await place.start();
      expect(await place.call()).toMatchObject({ status: 200 });
      expect(fingerprints()).toEqual(of(dead, place.first));
    });

    it("gives up after the active and the old secret, and hands on what Paddle says", async () => {
      const [dead, long] = [place.deadSecret(), place.deadSecret()];
      await place.start();
      place.write({ active: dead, old: long });
      place.paddle.revoke(place.keyId, { by: "user" });
      const answer = await place.call();
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "invalid_token" } });
      const tries = language.remembers ? of(place.first, dead, long) : of(dead, long);
      expect(fingerprints()).toEqual(tries);
    });

    it("asks three times at most, even if the keys change each time", async () => {
      const dead = Array.from({ length: 6 }, () => place.deadSecret());
      await place.start();
      place.paddle.revoke(place.keyId, { by: "user" });
      place.paddle.faults.add({
        when: () => {
          place.write({ active: dead.pop() ?? "" });
          return false;
        },
        do: { kind: "reset" },
      });
      expect(await place.call()).toMatchObject({ status: 403 });
      expect(fingerprints()).toHaveLength(3);
    });

    it("does not ask again with the only secret that there is", async () => {
      await place.start();
      place.paddle.revoke(place.keyId, { by: "user" });
      expect(await place.call()).toMatchObject({ status: 403 });
      expect(fingerprints()).toEqual(of(place.first));
    });

    it("does not repeat what the key is not permitted to do", async () => {
      await place.start();
      place.write({ active: place.first, old: place.deadSecret() });
      const answer = await place.call("/events");
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "forbidden" } });
      expect(fingerprints()).toHaveLength(1);
    });

    it("hands on an answer that is not Paddle's", async () => {
      await place.start();
      place.paddle.faults.add({ when: {}, do: { kind: "status", status: 503 } });
      expect(await place.call()).toMatchObject({ status: 503 });
      expect(fingerprints()).toHaveLength(1);
    });

    it("sends the body once more with the other secret", async () => {
      await place.start();
      const successor = place.rotate(place.first, 0);
      const path = `/api-keys/${place.keyId}/rotations`;
      const answer = await place.call(path, { method: "POST", body: '{"grace_period_seconds":60}' });
      expect(answer.status).toBe(201);
      expect(fingerprints().at(-1)).toBe(of(successor)[0]);
      expect(place.paddle.key(place.keyId).pending).toMatchObject({ graceSeconds: 60 });
    });

    it("takes the key nowhere that Paddle does not answer itself", async () => {
      await using elsewhere = await startRedirector();
      await place.start({ PADDLE_API_URL: elsewhere.url });
      const { status } = await place.call();
      expect(status).not.toBe(200);
      expect(elsewhere.followed).toEqual([]);
    });
  });
}
