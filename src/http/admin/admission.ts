/** Decides who a request comes from: by the word of the proxy, by credentials, or by nothing but being on this machine. */
import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import type { Clock } from "../../core/ports.ts";
import { TokenBuckets } from "../token-buckets.ts";
import { networkOf } from "../network-address.ts";
import { createProxyIdentity } from "./proxy-identity.ts";
import type { Caller } from "./caller.ts";
import { createSignIn, type SignInSettings } from "./sign-in.ts";

/** Sign-ins that may fail from one address: ten at once, and ten a minute from then on. */
const FAILURES = { burst: 10, perSecond: 10 / 60, atMost: 10_000 };

/** Why somebody is not let in. */
export type TurnedAway = {
  readonly status: 401 | 403 | 429;
  /** Public text. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
};

export type Admission = {
  /** False: nobody can be told from anybody else, and whoever gets here may do everything. */
  readonly asksForSignIn: boolean;
  admit(request: IncomingMessage): Caller | TurnedAway;
};

export function createAdmission(settings: SignInSettings, clock: Clock, log: Logger): Admission {
  const signIn = createSignIn(settings);
  if (!signIn) return { asksForSignIn: false, admit: () => ANYBODY_HERE };
  const { challenges, hint } = signIn;
  const identifyByProxy = settings.proxy ? createProxyIdentity(settings.proxy) : null;
  const failures = new TokenBuckets(clock, FAILURES);
  const unknown: TurnedAway =
    // A 401 must name a challenge.
    challenges.length === 0
      ? { status: 403, detail: `Come in ${hint}.`, headers: {} }
      : { status: 401, detail: `Sign in: ${hint}.`, headers: { "www-authenticate": [...challenges] } };

  const byCredentials = (authorization: string, network: string): Caller | TurnedAway => {
    const waitSeconds = failures.waitSeconds(network);
    // Before anything is compared: from here, even the right password is told from a wrong one by nobody.
    if (waitSeconds > 0) return tooOften(waitSeconds);
    const caller = signIn.identify(authorization);
    if (caller) return caller;
    failures.take(network);
    log.warn({ network }, "sign-in refused");
    return unknown;
  };

  return {
    asksForSignIn: true,
    admit(request) {
      const word = identifyByProxy?.(request) ?? null;
      if (word?.kind === "caller") return word.caller;
      if (word?.kind === "refused") return { status: 403, detail: word.why, headers: {} };
      const { authorization } = request.headers;
      if (authorization === undefined) return unknown;
      return byCredentials(authorization, networkOf(request.socket.remoteAddress));
    },
  };
}

function tooOften(waitSeconds: number): TurnedAway {
  return { status: 429, detail: TOO_OFTEN, headers: { "retry-after": String(Math.ceil(waitSeconds)) } };
}

const ANYBODY_HERE: Caller = { name: "somebody on this machine", role: "operator" };
const TOO_OFTEN =
  "Too many sign-ins failed from this address. For a few seconds none is looked at, not even a right one.";
