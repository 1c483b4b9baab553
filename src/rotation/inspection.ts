/** What looking into an event of a managed key works with. */
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Clock, JobHold, PaddleApi, Records, WorkQueue } from "../core/ports.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Work } from "../core/work.ts";

export type InspectionPorts = {
  readonly paddle: Pick<PaddleApi, "ask" | "getRotation" | "listRotations">;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly records: Records;
  readonly queue: Pick<WorkQueue, "put" | "isUnfinished">;
};

export type Inspection = InspectionPorts & {
  readonly work: Work;
  readonly key: ManagedKey;
  readonly hold: JobHold;
  readonly active: IssuedSecret;
};
