/**
 * An application that is told by a notification signed as Standard Webhooks (https://www.standardwebhooks.com) has
 * it, and that answers which secret it uses. Neither message holds the secret.
 */
import type { Consumer, Progress, SwitchOver } from "../../core/consumer.ts";
import type { Clock, Records } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { tellOnce } from "../told-once.ts";
import { networks } from "../../requests/addresses.ts";
import { readAnswer } from "./answer.ts";
import { call, type Pace } from "./call.ts";
import { shown } from "./faults.ts";
import { type Resolve, systemResolve } from "../../requests/lookup.ts";

export type HttpOptions = Pick<Consumer, "name" | "refreshMs" | "timeoutMs"> & {
  readonly notify: { readonly url: string; readonly secret: Secret } | null;
  readonly verify: { readonly url: string; readonly token: Secret | null } | null;
  readonly expect: number | null;
  readonly allow: readonly string[] | null;
};

type Needs = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly records: Pick<Records, "get" | "putIfAbsent">;
};

const DEADLINE_MS = 5_000;
const USER_AGENT = "paddle-key-rotator";

/** @param net what tests replace */
export function httpConsumer(
  options: HttpOptions,
  needs: Needs,
  net: { readonly resolve?: Resolve; readonly deadlineMs?: number } = {},
): Consumer {
  const { name, refreshMs, timeoutMs, notify, verify, expect } = options;
  const allow = options.allow && networks(options.allow);
  const way = { rule: { allow }, resolve: net.resolve ?? systemResolve, clock: needs.clock };
  const pace: Pace = { deadlineMs: net.deadlineMs ?? DEADLINE_MS, random: needs.random };

  const tell = async ({ url, secret }: NonNullable<typeof notify>, switchOver: SwitchOver) => {
    const body = notificationOf(switchOver);
    const headers = await signed(body, { id: switchOver.id, at: needs.clock.now(), secret });
    await call(
      { consumer: name, field: "notify", method: "POST", url: new URL(url), headers, body },
      way,
      pace,
    );
  };

  return {
    name,
    refreshMs,
    timeoutMs,
    needs: [
      ...(notify ? [`POST ${shown(new URL(notify.url))}`] : []),
      ...(verify ? [`GET ${shown(new URL(verify.url))}`] : []),
    ],

    async notify(switchOver) {
      return notify ? tellOnce(name, switchOver, needs, () => tell(notify, switchOver)) : "told";
    },

    async observe(switchOver): Promise<Progress> {
      if (!verify) return UNPROVABLE;
      const { url, token } = verify;
      const headers = {
        accept: "application/json",
        "user-agent": USER_AGENT,
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      };
      const answer = await call(
        { consumer: name, field: "verify", method: "GET", url: new URL(url), headers, body: null },
        way,
        pace,
      );
      return readAnswer(name, answer, switchOver, expect);
    },
  };
}

const UNPROVABLE: Progress = {
  state: "unprovable",
  instances: [],
  says: "It is told, but nothing shows which secret it uses: it has no verify.",
};

function notificationOf({ keyName, rotationId, fingerprint }: SwitchOver): string {
  return JSON.stringify({
    type: "paddle_key.rotated",
    key: keyName,
    rotation: rotationId,
    fingerprint,
  });
}

async function signed(
  body: string,
  { id, at, secret }: { id: string; at: number; secret: Secret },
): Promise<Record<string, string>> {
  const { Webhook } = await import("standardwebhooks");
  // Made for this one signature: it holds the key where anybody could see it.
  const signature = new Webhook(secret.reveal()).sign(id, new Date(at), body);
  return {
    "content-type": "application/json",
    "user-agent": USER_AGENT,
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1_000)),
    "webhook-signature": signature,
  };
}
