/** Where the helpers find keys, and how they attest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { openAttestations, ROTATOR_TOKEN } from "./attestations.ts";
import { ApplicationPlace, type Language } from "./place.ts";

/** By a process of its own, after it has started. */
const SAID_WITHIN_MS = 15_000;

export function placesContract(language: Language): void {
  describe(`the keys of an application in ${language.name}`, () => {
    let place: ApplicationPlace;

    beforeEach(async () => {
      place = await ApplicationPlace.open(language);
    });

    afterEach(async () => {
      await place[Symbol.asyncDispose]();
      expect(place.output()).not.toMatch(/pdl_|canary|whsec_/);
    });

    const served = async () => {
      await place.call();
      return place.paddle.requests.map(({ fingerprint }) => fingerprint);
    };
    const of = (...secrets: string[]) => secrets.map((secret) => new Secret(secret).fingerprint());

    it.each(["NAME='secret'", 'NAME="secret"', "export NAME=secret", "NAME=secret # ours", "NAME=secret\r"])(
      "may stand in an env file as %j",
      async (line) => {
        const dead = place.deadSecret();
        const lineOf = (name: string, secret: string) => line.replace("NAME", name).replace("secret", secret);
        place.writeText(
          [
            `NOT_ACTIVE_PADDLE_KEY=${place.deadSecret()}`,
            `# ACTIVE_PADDLE_KEY=${place.deadSecret()}`,
            lineOf("OLD_PADDLE_KEY", place.first),
            lineOf("ACTIVE_PADDLE_KEY", dead),
            "",
          ].join("\n"),
        );
        await place.start();
        expect(await served()).toEqual(of(dead, place.first));
      },
    );

    it("may be a mounted Kubernetes Secret, which the kubelet replaces as a whole", async () => {
      const folder = join(place.folder, "mounted");
      mkdirSync(folder);
      const mount = (revision: string, files: Readonly<Record<string, string>>) => {
        mkdirSync(join(folder, revision));
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, revision, name), text);
        symlinkSync(revision, join(folder, "..data_tmp"));
        renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
      };
      symlinkSync("..data/ACTIVE_PADDLE_KEY", join(folder, "ACTIVE_PADDLE_KEY"));
      symlinkSync("..data/OLD_PADDLE_KEY", join(folder, "OLD_PADDLE_KEY"));
      mount("..1", { ACTIVE_PADDLE_KEY: `${place.first}\n` });
      await place.start({ PADDLE_KEYS: folder });
      await place.call();
      const successor = place.rotate(place.first, 0);
      mount("..2", { ACTIVE_PADDLE_KEY: `${successor}\n`, OLD_PADDLE_KEY: place.first });
      await place.call();
      expect((await served()).at(-1)).toBe(of(successor)[0]);
      expect(await place.fingerprint()).toEqual({ fingerprint: of(successor)[0] });
    });

    it("may be in its environment, where the old one is the fallback", async () => {
      const dead = place.deadSecret();
      await place.start({ PADDLE_KEYS: "", ACTIVE_PADDLE_KEY: dead, OLD_PADDLE_KEY: place.first });
      expect(await served()).toEqual(of(dead, place.first));
    });

    it("are missed at once, by name", async () => {
      place.writeText("OLD_PADDLE_KEY=\n");
      const failure = await place.start().then(
        async () => `${(await place.call()).text} ${place.output()}`,
        (error: unknown) => String(error),
      );
      expect(failure).toMatch(/no ACTIVE_PADDLE_KEY/);
      expect(place.paddle.requests).toEqual([]);
    });

    it("are attested by their fingerprint alone, with the token of the consumer", async () => {
      await using rotator = await openAttestations();
      const env = { ROTATOR_URL: rotator.url, ROTATOR_TOKEN, ROTATOR_CONSUMER: "billing" };
      await place.start(env);
      if (language.attest) {
        const [file, ...args] = language.attest;
        await once(spawn(file, args, { env: place.env(env), stdio: "ignore" }), "exit");
      }
      await expect
        .poll(async () => rotator.given(), { timeout: SAID_WITHIN_MS })
        .toEqual([{ instance: expect.stringMatching(/./), fingerprint: of(place.first)[0] }]);
    });

    it.each(["http://127.0.0.1:1", "Paddle"])(
      "go on working where nobody takes an attestation: %s",
      async (at) => {
        const env = { ROTATOR_TOKEN: "canary-of-nobody", ROTATOR_CONSUMER: "billing" };
        await place.start({ ...env, ROTATOR_URL: at === "Paddle" ? place.paddle.url : at });
        expect(await place.call()).toMatchObject({ status: 200 });
        if (!language.attest)
          await expect.poll(() => place.output(), { timeout: SAID_WITHIN_MS }).toMatch(/attested: /);
      },
    );
  });
}
