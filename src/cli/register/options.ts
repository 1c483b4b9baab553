/** What `register` is given. */
import type { PaddleApi, PaddleDestinations } from "../../core/ports.ts";
import type { OpenStore } from "../check/stores.ts";

export type RegisterOptions = {
  readonly url?: string | undefined;
  readonly "secret-file"?: string | undefined;
  readonly "print-secret"?: boolean | undefined;
  readonly "key-from-stdin"?: boolean | undefined;
  readonly description?: string | undefined;
  readonly replace?: boolean | undefined;
};

export type RegisterDeps = {
  readonly openStore: OpenStore;
  readonly paddle: Pick<PaddleApi, "ask"> & PaddleDestinations;
};
