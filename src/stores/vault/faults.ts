/** What can be wrong with a Vault and with our place in it, as errors that name the place and the remedy. */
import type { z } from "zod";
import type { StoreError } from "../../core/errors.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import { type Health, isVaultError, parse, type Reply, sayingOf } from "./answers.ts";
import type { Call } from "./call.ts";
import type { Answered, Failed } from "./exchange.ts";
import type { Words } from "./words.ts";

type Problem = { readonly problem: string; readonly remedy: string };

/** What Vault's answer was, with nothing that could be a secret. */
export function answered({ status, json }: Pick<Reply, "status" | "json">): string {
  const saying = sayingOf(json);
  if (saying !== null) return `answered ${status}, "${saying}"`;
  return isVaultError(json) ? `answered ${status}` : `answered ${status}, not in Vault's words`;
}

/** For a request that was repeated in vain. `inDoubt`: one of the tries may have been carried out. */
export function gaveUp(what: {
  readonly place: string;
  readonly address: string;
  readonly call: Call;
  readonly result: Answered | Failed;
  readonly inDoubt: boolean;
  readonly health: { readonly status: number; readonly facts: z.output<typeof Health> } | null;
}): StoreError {
  const { place, address, call, result, inDoubt, health } = what;
  if (result.kind === "failed" && isCertificateFault(result.fault)) return distrust(place, result.fault);
  const { problem, remedy } =
    result.kind === "failed" ? silence(result, address) : (conditionOf(health) ?? troubleOf(result));
  const during = `${problem} (${call.method} ${call.path})`;
  return inDoubt
    ? uncertainty(place, during, `${remedy}; the write may have been done`)
    : setback(place, during, `${remedy}; nothing has changed`);
}

function silence({ sent, fault }: Failed, address: string): Problem {
  const check = `see whether it runs: vault status -address=${address}`;
  if (sent) return { problem: `gave no whole answer (${fault})`, remedy: check };
  return { problem: `cannot be reached (${fault})`, remedy: `check address, DNS and firewall, and ${check}` };
}

/** What keeps Vault from answering, in its own words about its health. */
function conditionOf(
  health: { readonly status: number; readonly facts: z.output<typeof Health> } | null,
): Problem | null {
  if (!health) return null;
  const { status, facts } = health;
  if (!facts.initialized) return { problem: "is not initialised", remedy: "run vault operator init" };
  if (facts.sealed) return { problem: "is sealed", remedy: "unseal it with vault operator unseal" };
  if (status === 472)
    return { problem: "is a disaster recovery secondary", remedy: "set address to the primary" };
  if (facts.standby || status === 473)
    return {
      problem: "is a standby without an active node to turn to",
      remedy: "see vault operator raft list-peers",
    };
  return null;
}

function troubleOf({ status, body }: Answered): Problem {
  const problem = answered({ status, json: parse(body) });
  if (status === 429)
    return {
      problem: `is asked too often: it ${problem}`,
      remedy: "raise its quota (vault list sys/quotas)",
    };
  if (status === 412)
    return {
      problem: `has not caught up yet: it ${problem}`,
      remedy: "look at its replication (vault status)",
    };
  if (status === 472 || status === 473)
    return { problem, remedy: "set address to a node that serves requests" };
  return { problem, remedy: "look at Vault's log" };
}

export function isCertificateFault(fault: string): boolean {
  return /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ERR_TLS|ERR_SSL/.test(fault);
}

function distrust(place: string, fault: string): StoreError {
  return refusal(
    place,
    `does not prove who it is (${fault})`,
    "set caFile to the certificate of the authority that signed Vault's, and address to a name in that certificate",
  );
}

export function strayRedirect(place: string, { status, location }: Reply): StoreError {
  const host = location === null ? null : (URL.parse(location)?.host ?? null);
  return setback(
    place,
    `answered ${status} and points to ${host ?? "another place"}, where a token must not follow`,
    "set address to the active node, or to a load balancer that finds it",
  );
}

export function wrongAnswer(place: string, reply: Reply): StoreError {
  return setback(
    place,
    `${answered(reply)}, but not as Vault's API does`,
    "check address, and any proxy on the way",
  );
}

export function unreadableFile(place: string, field: string, path: string, error: unknown): StoreError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
  return refusal(
    place,
    `cannot be asked, because ${path} cannot be read (${code})`,
    `correct ${field}, or let this process read the file`,
  );
}

export function unknownSecret({ place, fields, kv }: Words): StoreError {
  return refusal(
    place,
    "does not exist, or its mount is no KV engine of version 2",
    `make it; so the key gets into no shell history: read -rs KEY && printf %s "$KEY" | ${kv("put", [], [`${fields.active}=-`])}`,
  );
}

export function goneSecret({ place, kv }: Words, version: number, isDestroyed: boolean): StoreError {
  return isDestroyed
    ? refusal(
        place,
        `is destroyed in its latest version, ${version}`,
        `bring back an earlier one (vault kv metadata get shows which): ${kv("rollback", ["-version=N"])}`,
      )
    : refusal(
        place,
        `is deleted in its latest version, ${version}`,
        `bring it back: ${kv("undelete", [`-versions=${version}`])}; and see that delete_version_after is 0s`,
      );
}

export function noMount({ place }: Words): StoreError {
  return refusal(
    place,
    "is on a path where Vault serves nothing (404)",
    "correct mount or namespace, or enable the engine: vault secrets enable -path=… -version=2 kv",
  );
}

export function notText({ place, kv, fields }: Words, field: string): StoreError {
  return refusal(
    place,
    `has something other than text in its field ${field}`,
    `make it a text, with ${kv("patch", [], [`${field}=-`])}, or name another field than ${fields.active}`,
  );
}

export function refusedWrite({ place }: Words, reply: Reply): StoreError {
  return refusal(place, `${answered(reply)} to a write`, "look at Vault's log; nothing has changed");
}

/** `missing`: as `update on secret/data/billing`. */
export function missingPermissions({ place }: Words, missing: readonly string[]): StoreError {
  return refusal(
    place,
    `does not let this token in; it lacks ${missing.join(" and ")}`,
    "add that to one of its policies (`npm run rotator -- check` prints the policy); nothing has changed",
  );
}

export function strictPolicy({ place }: Words, wanted: string): StoreError {
  return refusal(
    place,
    `answered 403 although the token has ${wanted}`,
    "look for denied_parameters, Sentinel policies or control groups on that path",
  );
}

export function deadToken({ place }: Words, wanted: string): StoreError {
  return refusal(
    place,
    `answered 403: the token has expired or was revoked, or has neither ${wanted} nor the policy default`,
    "give the rotator a new token, or let it sign in by approle or kubernetes",
  );
}

export function unknownCapabilities({ place }: Words): StoreError {
  return refusal(
    place,
    "cannot say what the token may do; it lacks update on sys/capabilities-self",
    "add the policy default to the token; nothing has changed",
  );
}
