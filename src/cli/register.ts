/**
 * `register`: has Paddle send its webhooks here. Creates the notification destination, or changes what differs in the
 * one that has this address already; run again, it changes nothing.
 */
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { ConfigError, PaddleError } from "../core/errors.ts";
import type { PaddleDestinations } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import type { Answer } from "./answer.ts";
import { UsageError } from "./answer.ts";
import { chooseAccess } from "./register/access.ts";
import { ours, plain, settle } from "./register/destination.ts";
import type { RegisterDeps, RegisterOptions } from "./register/options.ts";
import { report } from "./register/report.ts";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";
import type { Terminal } from "./terminal.ts";

const WEBHOOKS = "/webhooks/paddle";

/** Throws UsageError, and Error where a file or Paddle fails. */
export async function register(
  config: Config,
  options: RegisterOptions,
  terminal: Terminal,
  { openStore, paddle }: RegisterDeps,
): Promise<Answer> {
  const url = addressOf(options.url);
  const file = options["secret-file"] === undefined ? null : resolve(options["secret-file"]);
  const kept = file === null ? null : await readSecretFile(file);
  const choice = await chooseAccess(config, options, terminal, { openStore, paddle });
  if ("refused" in choice) return choice.refused;
  const { access } = choice;
  try {
    const found = ours(await paddle.listDestinationSettings(access.secret), url, options.description);
    refuseToOverwrite(file, kept, found.best?.endpointSecret ?? null, options.replace ?? false);
    const done = await settle(paddle, access.secret, { url, description: options.description, ...found });
    const secret = done.settings.endpointSecret ?? (await readAgain(paddle, access.secret, done.settings.id));
    if (file !== null && secret && !holds(kept, secret)) await writeSecretFile(file, `${secret.reveal()}\n`);
    return report({ ...done, secret, others: found.others, access, file, config, options });
  } catch (error) {
    if (!(error instanceof PaddleError)) throw error;
    throw new Error(`${error.message}${remedy(error)}`, { cause: error });
  }
}

/**
 * The configuration as far as `register` needs it: the webhook secret is what it goes and gets, so it may be missing.
 *
 * @param read the usual way to read it, with another environment
 */
export function configBeforeRegistration(
  env: Readonly<Record<string, string | undefined>>,
  read: (env: Readonly<Record<string, string | undefined>>) => Config,
): Config {
  try {
    return read(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return read({
      ...env,
      PADDLE_WEBHOOK_SECRETS_FILE: undefined,
      PADDLE_WEBHOOK_SECRETS: "not-registered-yet",
    });
  }
}

/** The address with the path of the webhooks, unless it names a path of its own (behind a proxy that rewrites). */
function addressOf(text: string | undefined): string {
  if (text === undefined)
    throw new UsageError(
      `register needs --url, where Paddle reaches this service: --url https://keys.example.com`,
    );
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.username || url.password || url.search || url.hash)
    throw new UsageError(
      "--url must be an https:// address without user, password, ? and #: Paddle sends webhooks to no other",
    );
  if (url.pathname === "/") url.pathname = WEBHOOKS;
  return plain(url.href);
}

/** For an answer without the secret, which can be read at any time (Paddle: Get a notification setting). */
async function readAgain(paddle: PaddleDestinations, secret: Secret, id: string): Promise<Secret | null> {
  const all = await paddle.listDestinationSettings(secret);
  return all.find((each) => each.id === id)?.endpointSecret ?? null;
}

/** Before anything is created or changed. @param kept the file's text; null: there is no file */
function refuseToOverwrite(
  file: string | null,
  kept: string | null,
  secret: Secret | null,
  replace: boolean,
): void {
  if (file === null || replace || kept === null || kept.trim() === "") return;
  if (secret && holds(kept, secret)) return;
  throw new Error(
    `${file} holds something else, perhaps the secret of another destination that still delivers: nothing was done. ` +
      "Name another file, or overwrite it with --replace. PADDLE_WEBHOOK_SECRETS_FILE may hold several, separated by commas",
  );
}

/** Whether the secret is in the file, alone or among others. */
function holds(kept: string | null, secret: Secret): boolean {
  return (kept ?? "").split(",").some((text) => text.trim() === secret.reveal());
}

function remedy({ code, status, effect }: PaddleError): string {
  if (code === "forbidden")
    return ": give the key the permission notification_setting.write in Paddle > Developer tools > Authentication, or pipe in one that has it (--key-from-stdin)";
  if (effect === "unknown") return ": run the command again, which finds what was created by its address";
  if (status === 400)
    return "; nothing was changed. If Paddle speaks of too many destinations, delete or switch off one in Paddle > Developer tools > Notifications";
  return "";
}
