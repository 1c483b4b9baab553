/** Act two: three accidents. Requests fail here, and they are counted: a dead secret is what was asked for. */
import type { Screen, Verdict } from "./screen.ts";
import { fingerprintOf, type Site } from "./site.ts";
import { type Stage, textOf } from "./stage.ts";

/** An exposed secret must be dead this soon after its exposure. */
const DEAD_WITHIN_MS = 2_000;

/** A key that is still alive is found in public: its secret dies first, the application comes after. */
export async function exposureOfALiveKey(stage: Stage, screen: Screen): Promise<Verdict[]> {
  const { paddle, checkout, service } = stage;
  const { key } = checkout;
  const before = await checkout.fingerprint();
  screen.say("Paddle", `finds ${before} on GitHub and leaves the key alive: api_key_exposure.created`);
  paddle.expose(key.id, { revoke: false });
  await stage.until("the exposed secret is dead", () => !paddle.isAlive(key.secret));
  screen.say("Paddle", `refuses ${before} from now on`);
  await recovered(stage, screen, checkout, before);

  const clockOf = () =>
    service.records.find(({ kind, keyName }) => kind === "exposure" && keyName === checkout.name);
  await stage.until("the exposure is on record", () => clockOf() !== undefined);
  const clock = clockOf()?.exposureClock;
  const after = (at: number | null | undefined) => (at ?? Number.NaN) - (clock?.occurredAt ?? Number.NaN);
  screen.say(
    "rotator",
    `exposure clock: received after ${after(clock?.receivedAt)} ms, secret dead after ` +
      `${after(clock?.secretDeadAt)} ms, store updated after ${after(clock?.storeUpdatedAt)} ms`,
  );
  return [
    {
      held: after(clock?.secretDeadAt) <= DEAD_WITHIN_MS,
      text: `the exposed secret was dead ${after(clock?.secretDeadAt)} ms after the exposure`,
    },
    { held: !paddle.isAlive(key.secret), text: "and it stays dead" },
    ...(await isWell(stage, checkout)),
    await toldOnce(stage, "exposure-handled", key.id),
  ];
}

/** The usual case: Paddle revokes the key itself, and a standby takes its place. */
export async function exposureOfARevokedKey(stage: Stage, screen: Screen): Promise<Verdict[]> {
  const { paddle, reports, standby } = stage;
  const { key } = reports;
  const before = await reports.fingerprint();
  screen.say(
    "Paddle",
    `finds ${before} on GitHub and revokes ${key.id}: api_key_exposure.created, api_key.revoked`,
  );
  paddle.expose(key.id);
  await recovered(stage, screen, reports, before);
  await stage.until(
    "the standby has left its own store",
    async () => !(await textOf(standby.envFile)).includes(standby.secret),
  );
  return [
    {
      held: (await reports.secret()) === standby.secret,
      text: `the standby ${fingerprintOf(standby.secret)} took the place of the revoked key, and left its own store`,
    },
    ...(await isWell(stage, reports)),
    await toldOnce(stage, "standby-used", key.id),
  ];
}

/** Nothing but a person can help: they are told what to do, do it, and the application recovers. */
export async function expiryThatNeedsAPerson(stage: Stage, screen: Screen): Promise<Verdict[]> {
  const { paddle, billing, service } = stage;
  const { key } = billing;
  const before = await billing.fingerprint();
  screen.say("Paddle", `${key.id} has expired, and there is no standby: api_key.expired`);
  paddle.expireNow(key.id);
  const isPaged = () => service.alerts.some(({ kind, keyId }) => kind === "key-expired" && keyId === key.id);
  await stage.until("a person is told", isPaged);
  await stage.until("the application notices", () => billing.app.isDown);
  const { failed } = billing.app;
  await stage.until("it fails on", () => billing.app.failed > failed + 10);
  screen.say(
    "app",
    `billing-worker fails, and will until somebody acts: ${billing.app.failed} requests so far`,
  );

  const fresh = stage.newKey("Billing worker, new");
  screen.say(
    "person",
    `creates ${fresh.id} in Paddle's dashboard, and: POST /api/keys/${billing.name}/replacement {"key":"pdl_…"}`,
  );
  const answer = await fetch(`${stage.admin}/api/keys/${billing.name}/replacement`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: fresh.secret }),
  });
  await answer.arrayBuffer();
  screen.say("rotator", `checked the new key: ${answer.status}`);
  await recovered(stage, screen, billing, before);
  return [
    { held: answer.status === 202, text: `the new key was accepted (${answer.status})` },
    {
      held: (await billing.secret()) === fresh.secret,
      text: "the key that a person brought is in the .env file",
    },
    ...(await isWell(stage, billing)),
    await toldOnce(stage, "key-expired", key.id),
  ];
}

/** Waits until the application has another secret and works with it; says what that cost. */
async function recovered(stage: Stage, screen: Screen, site: Site, before: string | null): Promise<void> {
  await stage.until("another secret is in the .env file", async () => (await site.fingerprint()) !== before);
  await stage.until("the application works with it", () => site.isUpToDate());
  const { failed, downMs, fingerprint } = site.app;
  screen.say(
    "app",
    `${site.name} read ${fingerprint} from its .env file and works again; ` +
      `it failed ${failed} times, for ${(downMs / 1000).toFixed(1)} s`,
  );
}

async function isWell(stage: Stage, site: Site): Promise<Verdict[]> {
  const { failed, requests, downMs, isDown } = site.app;
  return [
    { held: stage.paddle.isAlive(await site.secret()), text: "the secret in the .env file works" },
    {
      held: !isDown,
      text: `the application works again; it failed ${failed} of ${requests} times, for ${(downMs / 1000).toFixed(1)} s`,
    },
  ];
}

async function toldOnce(stage: Stage, kind: string, keyId: string): Promise<Verdict> {
  const count = () =>
    stage.service.alerts.filter((alert) => alert.kind === kind && alert.keyId === keyId).length;
  await stage.until("people are told", () => count() > 0);
  return { held: count() === 1, text: `people were told once (${kind})` };
}
