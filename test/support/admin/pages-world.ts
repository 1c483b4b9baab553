/** The admin listener with a story to show, and a browser's view of it. */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import type { JobView } from "../../../src/core/job-view.ts";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import type { Records } from "../../../src/core/ports.ts";
import type { SignInSettings } from "../../../src/http/admin/sign-in.ts";
import { type Showcase, showcase } from "./pages-showcase.ts";
import { type AdminWorld, openAdmin } from "./world.ts";

export type PagesWorld = AdminWorld & {
  /** What the queue has to do; a test changes it as a queue would. */
  readonly jobs: JobView[];
  /** Lets everybody who looks see what has changed since. */
  lookAgain(): Promise<void>;
};

export type PagesOptions = {
  readonly keys?: readonly ManagedKey[];
  readonly jobs?: JobView[];
  readonly fill?: (records: Records) => Promise<void>;
  readonly signIn?: SignInSettings;
};

/** Left out: nothing to show. */
export async function openPages(options: PagesOptions | Showcase = {}): Promise<PagesWorld> {
  const { keys = [], jobs = [] } = options;
  const signIn = "signIn" in options && options.signIn ? { signIn: options.signIn } : {};
  const admin = await openAdmin({ keys, jobs, ...signIn });
  await options.fill?.(admin.records);
  return {
    ...admin,
    jobs,
    async lookAgain() {
      await admin.clock.advance(1_001);
      await turnOfTheEventLoop();
    },
  };
}

export function openShowcase(): Promise<PagesWorld> {
  return openPages(showcase());
}
