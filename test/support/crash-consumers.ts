/** What consumers find in the file of a site while its processes die, and what they may never find there. */
import { setTimeout as pause } from "node:timers/promises";
import type { Site } from "./service.ts";

const LOOK_EVERY_MS = 50;

/** Whether this active secret is one that consumers may not have now. */
export type Forbids = (site: Site, active: string) => boolean;

/** I2 where nothing kills the secret in use but us. */
export const neverDead: Forbids = ({ paddle }, active) => !paddle.isAlive(active);

/** I7: a secret that was made to kill another one is handed out when that one is dead. */
export const neverBesideFormer: Forbids = ({ paddle, key }, active) => {
  const completed = paddle.key(key.id).rotations.filter(({ status }) => status === "completed");
  const index = completed.findIndex(({ secret, graceSeconds }) => secret === active && graceSeconds === 0);
  return index >= 0 && paddle.isAlive(completed[index - 1]?.secret ?? key.secret);
};

/** Looks at the file and at Paddle all the time, and counts how often consumers had what they may not have. */
export function watchConsumers(
  site: Site,
  forbids: Forbids = () => false,
): AsyncDisposable & { readonly forbidden: number } {
  let forbidden = 0;
  let watching = true;
  const watch = async () => {
    while (watching) {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      if (forbids(site, active?.reveal() ?? "")) forbidden += 1;
      await pause(LOOK_EVERY_MS);
    }
  };
  const watched = watch();
  return {
    get forbidden() {
      return forbidden;
    },
    async [Symbol.asyncDispose]() {
      watching = false;
      await watched;
    },
  };
}
