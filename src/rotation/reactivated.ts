/** People heard that a key was dead: they hear once that it is not. */
import { keyReactivated } from "../alerts/inspect-messages.ts";
import { onChange } from "../alerts/on-change.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Clock, Records } from "../core/ports.ts";
import { endPages } from "./pages.ts";

type Ports = { readonly records: Records; readonly alerts: Alerts; readonly clock: Clock };

/** To be called before people are told that the key is dead. */
export async function rememberEnded(keyId: string, { records, clock }: Omit<Ports, "alerts">): Promise<void> {
  await records.putIfAbsent("ended", keyId, clock.now());
}

/** To be called when Paddle accepts the key. */
export async function tellIfReactivated(
  key: ManagedKey,
  keyId: string,
  { records, alerts, clock }: Ports,
): Promise<void> {
  const ended = await records.get("ended", keyId);
  if (ended === undefined) return;
  await onChange(records, `${keyId}-ended`, ended, ({ id }) =>
    alerts.raise(keyReactivated({ key, keyId, now: clock.now() }, id)),
  );
  await endPages(key, keyId, { records, alerts, clock });
}
