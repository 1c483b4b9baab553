/** What instances report, counted: who has switched over, who lags, and whether that proves the switch-over. */
import { type Instance, MAX_INSTANCES, type Progress } from "../core/consumer.ts";
import { quoted } from "../core/quoted.ts";

/** As an instance says it: untrusted. `fingerprint`: null: it uses none yet. */
export type Report = { readonly id: string; readonly fingerprint: string | null };

const FINGERPRINT = /^sha256:[0-9a-f]{16}$/;

/**
 * Proved once there are enough instances and all of them report `fingerprint`. One that reports twice lags if any of
 * its reports does.
 *
 * @param expect how many instances there must be; null: as many as there are
 */
export function tally(reports: readonly Report[], fingerprint: string, expect: number | null): Progress {
  const byId = new Map<string, Instance>();
  for (const report of reports) {
    const instance = instanceOf(report, fingerprint);
    if (byId.get(report.id)?.state !== "lagging") byId.set(report.id, instance);
  }
  const instances = [...byId.values()].slice(0, MAX_INSTANCES);
  const switched = instances.filter(({ state }) => state === "switched").length;
  const enough = Math.max(expect ?? 1, 1);
  const proved = switched === instances.length && switched >= enough;
  return {
    state: proved ? "proved" : "under-way",
    instances,
    says: sentence({ reporting: instances.length, switched, expect }, fingerprint),
  };
}

function instanceOf({ id, fingerprint }: Report, wanted: string): Instance {
  const name = quoted(id) || "(no name)";
  if (fingerprint === wanted) return { id: name, state: "switched", says: null };
  return { id: name, state: "lagging", says: lags(fingerprint) };
}

/** Of what is no fingerprint nothing is repeated: it may be the key itself. */
function lags(fingerprint: string | null): string {
  if (fingerprint === null) return "uses no secret yet";
  return FINGERPRINT.test(fingerprint)
    ? `uses ${fingerprint}`
    : "reports something that is no fingerprint (sha256: and 16 hex digits)";
}

function sentence(
  { reporting, switched, expect }: { reporting: number; switched: number; expect: number | null },
  fingerprint: string,
): string {
  const using = `${switched} of ${count(reporting)} ${reporting === 1 ? "uses" : "use"} ${fingerprint}`;
  const missing = expect !== null && reporting < expect ? `; ${expect} are expected` : "";
  return reporting === 0 ? `No instance reports what it uses${missing}.` : `${using}${missing}.`;
}

function count(instances: number): string {
  return instances === 1 ? "1 instance" : `${instances} instances`;
}
