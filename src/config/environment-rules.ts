/** What variables must be to each other. Pure; works from the texts, so that it holds even if some are at fault. */
import type { Fault } from "./faults.ts";
import { isLoopback } from "./loopback.ts";

export type Given = {
  /** True if the operator tried to set it, well or badly. */
  readonly has: (name: string) => boolean;
  /** What the operator set; undefined: nothing, or nothing that can be read. */
  readonly text: (name: string) => string | undefined;
  /** True if the file says that a proxy tells who somebody is. */
  readonly namesProxy: boolean;
};

export function joinedFaults(given: Given): Fault[] {
  return [...signInFaults(given), ...webhookFaults(given), ...roleFaults(given), ...prefixFaults(given)];
}

/** What operators sign in with, and what viewers do. */
const CREDENTIALS = ["ADMIN", "ADMIN_VIEWER"].map((prefix) => ({
  user: `${prefix}_USER`,
  password: `${prefix}_PASSWORD`,
  token: `${prefix}_TOKEN`,
}));

function* signInFaults({ has, text, namesProxy }: Given): Iterable<Fault> {
  for (const { user, password } of CREDENTIALS) {
    if (has(user) && !has(password))
      yield { at: password, message: `is missing; it belongs to ${user}, which is set` };
    if (has(password) && !has(user))
      yield { at: user, message: `is missing; it belongs to ${password}, which is set` };
  }
  for (const name of ["USER", "TOKEN"]) {
    const viewer = text(`ADMIN_VIEWER_${name}`);
    if (viewer !== undefined && viewer === text(`ADMIN_${name}`))
      yield { at: `ADMIN_VIEWER_${name}`, message: `is the same as ADMIN_${name}; viewers need their own` };
  }
  const signIn = CREDENTIALS.some((names) => Object.values(names).some(has)) || namesProxy;
  const adminHost = text("ADMIN_HOST");
  if (adminHost !== undefined && !isLoopback(adminHost) && !signIn)
    yield {
      at: "ADMIN_HOST",
      message:
        "lets other machines in, and there is no sign-in; set ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN, or bind 127.0.0.1",
    };
}

function* webhookFaults({ has, text }: Given): Iterable<Fault> {
  const takesWebhooks = ["all", "web"].includes(text("ROLE") ?? "all");
  if (takesWebhooks && !has("PADDLE_WEBHOOK_SECRETS"))
    yield {
      at: "PADDLE_WEBHOOK_SECRETS",
      message:
        "is missing; set it to the secret key (pdl_ntfset_…) of your destination in Paddle > Developer tools > Notifications",
    };
}

function* roleFaults({ has, text }: Given): Iterable<Fault> {
  // The embedded queue belongs to one process: the jobs of a web process would never meet a worker.
  if (["web", "worker"].includes(text("ROLE") ?? "all") && !has("QUEUE_URL"))
    yield {
      at: "ROLE",
      message: "splits the work between processes, which must share a queue; set QUEUE_URL, or use all",
    };
}

function* prefixFaults({ has, text }: Given): Iterable<Fault> {
  const prefix = text("QUEUE_PREFIX");
  if (prefix === undefined) return;
  const onPostgres = !has("QUEUE_URL") || /^postgres(ql)?:/i.test(text("QUEUE_URL") ?? "");
  // PostgreSQL keeps names that begin with pg_ for itself.
  if (onPostgres && !/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(prefix))
    yield {
      at: "QUEUE_PREFIX",
      message:
        "is the schema on PostgreSQL (the embedded queue too); it must be 1 to 63 of a-z, 0-9 and _, and begin with neither a digit nor pg_",
    };
  if (!onPostgres && !/^[\w.-]{1,63}$/.test(prefix))
    yield { at: "QUEUE_PREFIX", message: "must be 1 to 63 letters, digits, _, - and ." };
}
