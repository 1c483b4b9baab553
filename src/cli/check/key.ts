/** One key: its stores, what Paddle says of it and of its standby, its consumers. */
import type { Config } from "../../config/config.ts";
import type { KeyConfig } from "../../config/keys.ts";
import type { ApiKey } from "../../core/paddle-key.ts";
import type { Clock, PaddleApi } from "../../core/ports.ts";
import { type IssuedSecret, keyIdOf, type Slots } from "../../core/slots.ts";
import { type Bounds, within } from "./bounds.ts";
import { judgeBudget } from "./budget.ts";
import { lookAtConsumers, type OpenConsumer } from "./consumers.ts";
import type { Finding } from "./finding.ts";
import { judgeKey, namesNoKey, sentAstray } from "./key-answer.ts";
import { judgeStandby, noStandby } from "./standbys.ts";
import { lookAtActive, lookAtStandby, type OpenStore, standbyIn } from "./stores.ts";

export type KeyDeps = {
  readonly clock: Clock;
  /** Active secrets and standbys are asked about, and nothing else: a pending secret's first use would activate it. */
  readonly paddle: Pick<PaddleApi, "ask" | "listDestinations">;
  readonly openStore: OpenStore;
  readonly openConsumer: OpenConsumer;
};

/** What became known of a key while it was looked at. */
export type Looked = {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly active: IssuedSecret | null;
  /** Of the key that Paddle accepted. */
  readonly paddleKey: ApiKey | null;
  readonly hasStandby: boolean;
};

export async function lookAtKey(
  key: KeyConfig,
  config: Config,
  deps: KeyDeps,
  bounds: Bounds,
): Promise<Looked> {
  const { name } = key;
  const [own, elsewhere] = await Promise.all([
    lookAtActive(key, deps.openStore, bounds),
    lookAtStandby(key, deps.openStore, bounds),
  ]);
  const active = own.slots?.active ?? null;
  const standby = standbyIn(own, elsewhere);
  const [atPaddle, consumers] = await Promise.all([
    askPaddle({ key, location: own.location, active, standby }, own.slots, config, deps, bounds),
    lookAtConsumers(key, active?.secret ?? null, deps.openConsumer, bounds),
  ]);
  const isMissing = standby === null && elsewhere === null && own.slots !== null;
  return {
    name,
    active,
    paddleKey: atPaddle.paddleKey,
    hasStandby: standby !== null,
    findings: [
      ...own.findings,
      ...atPaddle.findings,
      judgeBudget(key),
      ...consumers,
      ...(elsewhere?.findings ?? []),
      ...(isMissing ? [noStandby(key)] : []),
    ],
  };
}

/** Longer than one call: many keys wait for their turn within the rate limit. */
const ASK_MS = 75_000;

type Secrets = {
  readonly key: KeyConfig;
  readonly location: string;
  readonly active: IssuedSecret | null;
  readonly standby: IssuedSecret | null;
};

async function askPaddle(
  { key, location, active, standby }: Secrets,
  slots: Slots | null,
  config: Config,
  { paddle, clock }: KeyDeps,
  bounds: Bounds,
): Promise<{ readonly findings: readonly Finding[]; readonly paddleKey: ApiKey | null }> {
  if (!active || !slots) return { findings: [], paddleKey: null };
  const keyId = keyIdOf(active);
  if (keyId === null) return { findings: [namesNoKey(key, location)], paddleKey: null };
  const astray = sentAstray(key, active, config.paddle.apiUrl);
  if (astray) return { findings: [astray], paddleKey: null };
  const standbyId = standby && keyIdOf(standby);
  const [asked, askedStandby] = await Promise.all([
    within(bounds, key.name, "asking Paddle about the key", () => paddle.ask(keyId, active.secret), ASK_MS),
    standby && standbyId !== null && standbyId !== keyId
      ? within(
          bounds,
          `${key.name}-standby`,
          "asking Paddle about the standby",
          () => paddle.ask(standbyId, standby.secret),
          ASK_MS,
        )
      : null,
  ]);
  const now = clock.now();
  const answer = asked.done ? asked.value : null;
  const activeKey = answer?.accepted ? answer.key : null;
  const findings = asked.done
    ? judgeKey({ key, keyId, slots, active, answer: asked.value, hasStandby: standby !== null, now })
    : [asked.finding];
  if (standby && askedStandby?.done === false) findings.push(askedStandby.finding);
  else if (standby) {
    const standbyAnswer = askedStandby?.done ? askedStandby.value : null;
    findings.push(judgeStandby({ key, keyId, activeKey, standby, answer: standbyAnswer, now }));
  }
  return { findings, paddleKey: activeKey };
}
