/** Whose secret speaks for the account: a key from standard input, or the first managed one that may. */
import type { Config } from "../../config/config.ts";
import { PaddleError } from "../../core/errors.ts";
import { identify, isGranted } from "../../core/paddle-key.ts";
import { describeError } from "../../core/public-error.ts";
import type { Secret } from "../../core/secret.ts";
import type { Answer } from "../answer.ts";
import type { RegisterDeps, RegisterOptions } from "./options.ts";
import { readKey, type Terminal } from "../terminal.ts";

const PERMISSION = "notification_setting.write";

export type Access = {
  readonly secret: Secret;
  /** Live and sandbox are two accounts, and each has destinations of its own. */
  readonly environment: string;
  readonly notes: readonly string[];
};

export async function chooseAccess(
  config: Config,
  options: RegisterOptions,
  terminal: Terminal,
  deps: RegisterDeps,
): Promise<{ readonly access: Access } | { readonly refused: Answer }> {
  if (options["key-from-stdin"]) {
    const secret = await readKey(terminal, "this one command");
    return { access: { secret, environment: environmentOf(secret), notes: [] } };
  }
  const looks = await Promise.all(config.keys.map((key) => readActive(key, deps)));
  const reasons: string[] = [];
  for (const { name, secret, why } of looks) {
    const fault = secret ? await whyNot(secret, deps) : why;
    if (secret && fault === null)
      return { access: { secret, environment: environmentOf(secret), notes: elsewhere(looks, secret) } };
    reasons.push(`${name}: ${fault}`);
  }
  return { refused: refusal(reasons) };
}

type Look = { readonly name: string; readonly secret: Secret | null; readonly why: string };

/** Never a pending secret: its first use would activate it. */
async function readActive(
  { name, store }: Config["keys"][number],
  { openStore }: RegisterDeps,
): Promise<Look> {
  try {
    const { active } = (await (await openStore(store, "active")).read()).slots;
    return { name, secret: active?.secret ?? null, why: "its store holds no active secret" };
  } catch (error) {
    return { name, secret: null, why: describeError(error) };
  }
}

/** null: it may. */
async function whyNot(secret: Secret, { paddle }: RegisterDeps): Promise<string | null> {
  const identity = identify(secret);
  try {
    // Made before there were permissions, it may do everything, if it is alive.
    if (!identity) {
      await paddle.listDestinationSettings(secret);
      return null;
    }
    const answer = await paddle.ask(identity.keyId, secret);
    if (!answer.accepted) return "Paddle refuses its active secret";
    return isGranted(answer.key.permissions, PERMISSION) ? null : `lacks the permission ${PERMISSION}`;
  } catch (error) {
    // Where Paddle cannot be reached, the next key fares no better.
    if (!(error instanceof PaddleError) || (error.status === null && error.retry === "later")) throw error;
    return error.message;
  }
}

function elsewhere(looks: readonly Look[], used: Secret): string[] {
  const here = environmentOf(used);
  const others = looks.filter(({ secret }) => {
    const there = secret && identify(secret)?.environment;
    return identify(used) && there && there !== here;
  });
  if (others.length === 0) return [];
  const names = others.map(({ name }) => name).join(", ");
  return [
    `${names}: of another account than this ${here} one, which needs a destination of its own: run this again with a key of it and --key-from-stdin`,
  ];
}

function environmentOf(secret: Secret): string {
  return identify(secret)?.environment ?? "unknown environment";
}

function refusal(reasons: readonly string[]): Answer {
  return {
    ok: false,
    text: [
      `failed  no managed key may write notification settings`,
      ...reasons.map((reason) => `        ${reason}`),
      `        give one of them ${PERMISSION} in Paddle > Developer tools > Authentication,`,
      "        or pipe in a key that has it: --key-from-stdin",
    ].join("\n"),
    json: { ok: false, fault: "no managed key may write notification settings", reasons },
  };
}
