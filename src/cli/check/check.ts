/** `check`: looks at everything that must be right, side by side, and changes nothing. The service need not run. */
import type { Config } from "../../config/config.ts";
import { isLoopback } from "../../config/loopback.ts";
import { keyIdOf } from "../../core/slots.ts";
import type { Answer } from "../answer.ts";
import { checkAccount, checkClock } from "./account.ts";
import type { Bounds } from "./bounds.ts";
import { checkChannels, type OpenChannel } from "./channels.ts";
import { checkFiles } from "./files.ts";
import { type Finding, linesOf, ok, summaryOf } from "./finding.ts";
import { type KeyDeps, lookAtKey, type Looked } from "./key.ts";
import { sameKeys } from "./key-answer.ts";
import { checkCertificates } from "./listeners.ts";
import { checkQueue } from "./queue.ts";
import { judgeWebhookSecrets } from "./webhooks.ts";

export type CheckDeps = KeyDeps & {
  readonly openChannel: OpenChannel;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is told what takes long; null: nobody watches. */
  readonly tell: Bounds["tell"];
};

export async function check(config: Config, deps: CheckDeps): Promise<Answer> {
  const bounds: Bounds = { clock: deps.clock, tell: deps.tell };
  const looking = Promise.all(config.keys.map((key) => lookAtKey(key, config, deps, bounds)));
  const [queue, channels, files, certificates, looked] = await Promise.all([
    checkQueue(config.queue, bounds),
    checkChannels(config.alerts, deps.openChannel, bounds),
    checkFiles(deps.env),
    checkCertificates(config, bounds),
    looking,
  ]);
  const [clock, account] = await Promise.all([
    checkClock(config, looked, bounds),
    checkAccount(config, looked, deps, bounds),
  ]);
  return answerOf([
    ok("configuration", config.keys.length === 1 ? "1 key" : `${config.keys.length} keys`),
    ...files,
    adminListener(config),
    ...certificates,
    judgeWebhookSecrets(config),
    ...account,
    ...queue,
    ...clock,
    ...channels,
    ...looked.flatMap(({ findings }) => findings),
    ...sameKeys(keyIdsOf(looked)),
  ]);
}

export function answerOf(findings: readonly Finding[], exitCode?: number): Answer {
  const isWell = findings.every(({ level }) => level !== "failed");
  return {
    ok: isWell,
    text: [...findings.flatMap(linesOf), "", summaryOf(findings)].join("\n"),
    json: { ok: isWell, findings },
    ...(exitCode !== undefined && { exitCode }),
  };
}

function adminListener({ adminListener: { host, port, user, token, viewer, proxy } }: Config): Finding {
  const who = isLoopback(host) ? "for this machine only" : "for the network";
  const means = [
    ...(user || viewer.user ? ["password"] : []),
    ...(token || viewer.token ? ["token"] : []),
    ...(proxy ? ["the word of a proxy"] : []),
  ];
  const signIn = means.length === 0 ? "without sign-in" : `sign-in by ${means.join(" or ")}`;
  return ok("admin listener", `${host}:${port}, ${who}, ${signIn}`);
}

function keyIdsOf(looked: readonly Looked[]): ReadonlyMap<string, string> {
  return new Map(
    looked.flatMap(({ name, active }) => {
      const keyId = active && keyIdOf(active);
      return keyId ? [[name, keyId] as const] : [];
    }),
  );
}
