/**
 * `conformance`: asks a real Paddle sandbox what its documentation leaves open, with a key that may be burnt. The key
 * is never lost: each new secret is in the file before its first use, and at the end the file has the one that works.
 */
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { PaddleError } from "../core/errors.ts";
import { identify } from "../core/paddle-key.ts";
import { describeError } from "../core/public-error.ts";
import type { Clock, PaddleObserver } from "../core/ports.ts";
import { keyIdOf } from "../core/slots.ts";
import { type Answer, UsageError } from "./answer.ts";
import type { OpenStore } from "./check/stores.ts";
import { askForDeadKeys, askOpenly, askTerms } from "./conformance/ask-around.ts";
import { askRotations } from "./conformance/ask-rotations.ts";
import { Asker, inWords, Stop } from "./conformance/asker.ts";
import { broken, Findings, linesOf } from "./conformance/findings.ts";
import { KeyFile } from "./conformance/key-file.ts";
import { SecretFileError } from "./secret-file.ts";
import { readKey, type Terminal } from "./terminal.ts";

export type ConformanceOptions = {
  readonly "key-from-stdin"?: boolean | undefined;
  readonly "new-key-file"?: string | undefined;
};

export type ConformanceDeps = {
  readonly openStore: OpenStore;
  readonly paddle: PaddleObserver;
  readonly clock: Clock;
};

/** Throws UsageError where the key must not be used, and Error where nothing could be begun. */
export async function conformance(
  config: Config,
  options: ConformanceOptions,
  terminal: Terminal,
  deps: ConformanceDeps,
): Promise<Answer> {
  const path = options["new-key-file"];
  if (!options["key-from-stdin"] || path === undefined)
    throw new UsageError(
      "conformance needs --key-from-stdin, a rotatable sandbox key that may be burnt, and --new-key-file, where its new secrets are kept",
    );
  const secret = await readKey(terminal, "a sandbox that may be burnt");
  const identity = identify(secret);
  if (identity?.environment !== "sandbox")
    throw new UsageError(
      "this is no sandbox key (pdl_sdbx_apikey_…): no other is experimented on. Nothing was done",
    );
  await refuseManaged(config, identity.keyId, deps.openStore);
  const asker = new Asker(identity.keyId, deps);
  const used = await asker.use(secret);
  if ("refused" in used)
    throw new Error(`Paddle refuses this key (${inWords(used.refused)}): nothing was done`);
  if (used.key.status !== "active" || used.key.rotatable !== true)
    throw new Error(
      `this key is ${used.key.status} and ${used.key.rotatable === true ? "" : "not "}rotatable: create one in the sandbox's dashboard that is active and rotatable. Nothing was done`,
    );

  const file = await KeyFile.create(resolve(path), secret);
  const findings = new Findings();
  const tell = (what: string) => terminal.output.write(`${what}\n`);
  let stopped: string | null = null;
  try {
    tell("asking without credentials, and about another key …");
    await askOpenly(asker, secret, findings);
    await askForDeadKeys(asker, secret, used.key.permissions, findings);
    tell("asking about terms of rotations that are never put to use …");
    await askTerms(asker, secret, findings);
    tell("rotating the key …");
    await askRotations({ asker, file, findings }, used.key);
  } catch (error) {
    const isForeseen = [Stop, PaddleError, SecretFileError].some((kind) => error instanceof kind);
    if (!(error instanceof Error) || !isForeseen) throw error;
    stopped = error.message;
  }
  findings.note("limit-headers", [...asker.limits].toSorted().join(", ") || "none was seen");
  return report(findings, stopped, await settle(asker, file));
}

/** A key that somebody relies on is not experimented on. A store that cannot be read might hold it. */
async function refuseManaged(config: Config, keyId: string, openStore: OpenStore): Promise<void> {
  for (const { name, store, standby } of config.keys) {
    const places = [
      { options: store, holds: "active" as const },
      ...(standby ? [{ options: standby.store, holds: "standby" as const }] : []),
    ];
    for (const { options, holds } of places) {
      const slots = await openStore(options, holds)
        .then((opened) => opened.read())
        .then((read) => read.slots)
        .catch((error: unknown) => {
          const why = `whether this is the key of ${name} cannot be seen: ${describeError(error)}`;
          throw new Error(
            `${why}. Nothing was done; set CONFIG_FILE to a configuration whose stores can be read`,
          );
        });
      const held = [slots.active, slots.old, slots.pending, slots.standby];
      if (held.some((issued) => issued !== null && keyIdOf(issued) === keyId))
        throw new UsageError(`this is the key of ${name}, which the configuration manages. Nothing was done`);
    }
  }
}

/** Leaves one secret in the file, the one that works. */
async function settle(asker: Asker, file: KeyFile): Promise<{ readonly ok: boolean; readonly line: string }> {
  try {
    for (const candidate of file.candidates) {
      if (!(await asker.accepts(candidate))) continue;
      await file.promote(candidate);
      const line = `${file.path} has the secret that works (${candidate.fingerprint()}); former ones die within 15 minutes`;
      return { ok: true, line };
    }
    return {
      ok: false,
      line: `Paddle refuses every secret in ${file.path}: revoke the key in the dashboard`,
    };
  } catch (error) {
    return {
      ok: false,
      line: `which secret works could not be asked at the end (${faultOf(error)}): ${file.path} has all that may`,
    };
  }
}

function report(
  findings: Findings,
  stopped: string | null,
  key: { readonly ok: boolean; readonly line: string },
): Answer {
  const { all } = findings;
  const wrong = broken(all);
  const unasked = all.filter(({ answer }) => answer === null).length;
  const ok = wrong.length === 0 && stopped === null && key.ok;
  const verdict =
    wrong.length === 0
      ? "ok      nothing that the rotator relies on is wrong here"
      : `failed  ${wrong.length === 1 ? "1 assumption" : `${wrong.length} assumptions`} that the rotator relies on: wrong here`;
  const text = [
    ...linesOf(all),
    "",
    verdict,
    ...(stopped === null ? [] : [`failed  stopped early, ${unasked} questions are open: ${stopped}`]),
    `${key.ok ? "ok    " : "failed"}  ${key.line}`,
  ].join("\n");
  return { ok, text, json: { ok, stopped, key, answers: all } };
}

function faultOf(error: unknown): string {
  return error instanceof SecretFileError ? error.message : describeError(error);
}
