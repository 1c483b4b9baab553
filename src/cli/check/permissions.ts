/** Reads that no managed key may do, and what is lost by that. Pure. */
import { type ApiKey, isGranted } from "../../core/paddle-key.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** A key that Paddle accepted. */
export type Holder = {
  readonly name: string;
  readonly environment: string;
  readonly permissions: ApiKey["permissions"];
};

type Need = { readonly permission: string; readonly lost: string };

const ALWAYS: readonly Need[] = [
  {
    permission: "notification.read",
    lost: "a webhook that never arrives is not made up for by Paddle's list of events",
  },
  {
    permission: "notification_setting.read",
    lost: "nobody notices a notification destination that is missing, switched off or lacks events",
  },
];
const FOR_REPLACEMENTS: Need = {
  permission: "api_key.read",
  lost: "after the standby took over, nobody sees whether the former key is still in use",
};

export type Wanted = {
  /** The name of the only key that may be used for it; null: any. */
  readonly readWith: string | null;
  /** Whether a standby may take a key's place. */
  readonly replaces: boolean;
};

/** One finding for each environment and permission that is missing: live and sandbox are two accounts. */
export function judgePermissions(holders: readonly Holder[], { readWith, replaces }: Wanted): Finding[] {
  const accounts = Map.groupBy(holders, ({ environment }) => environment);
  return [...accounts].flatMap(([environment, inAccount]) => {
    const usable = inAccount.filter(({ name }) => readWith === null || name === readWith);
    const about = accounts.size > 1 ? `permissions (${environment})` : "permissions";
    const missing = [...ALWAYS, ...(replaces ? [FOR_REPLACEMENTS] : [])].filter(
      ({ permission }) => !usable.some(({ permissions }) => isGranted(permissions, permission)),
    );
    if (missing.length === 0) return [ok(about, "the account can be read as far as it is needed")];
    const who = readWith === null ? "one managed key" : readWith;
    return missing.map(({ permission, lost }) =>
      warning(
        about,
        `${readWith === null ? "no managed key has" : `${readWith} (readWith) lacks`} ${permission}: ${lost}`,
        `give ${who} ${permission} in Paddle > Developer tools > Authentication`,
      ),
    );
  });
}
