/** The commands that ask the running service to do something. */
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { parseDuration } from "../core/duration.ts";
import { type Answer, UsageError } from "./answer.ts";
import { askService } from "./service.ts";
import { confirmByName, readKey, type Terminal } from "./terminal.ts";

export type RotateOptions = {
  readonly grace?: string | undefined;
  readonly "revoke-first"?: boolean | undefined;
  readonly yes?: boolean | undefined;
};

export async function rotate(
  config: Config,
  name: string,
  options: RotateOptions,
  terminal: Terminal,
): Promise<Answer> {
  const { grace, "revoke-first": revokeFirst = false } = options;
  if (revokeFirst && grace !== undefined)
    throw new UsageError("--revoke-first has no grace: leave --grace out");
  const graceMs = grace === undefined ? undefined : parseDuration(grace);
  if (graceMs === null) throw new UsageError("--grace takes a time such as 0, 30m or 24h");
  if (revokeFirst && !options.yes) await confirmByName(terminal, name, REVOKE_FIRST);
  const json = await askService(config, "POST", `${pathOf(name)}/rotations`, {
    mode: revokeFirst ? "revoke-first" : "graceful",
    ...(graceMs !== undefined && { graceSeconds: graceMs / 1000 }),
  });
  const { jobId } = z.object({ jobId: z.string() }).parse(json);
  const how = revokeFirst ? "rotated at once, and its present secret killed," : "rotated";
  return { ok: true, text: `${name} will be ${how} by the job ${jobId}`, json };
}

const REVOKE_FIRST =
  "The secret in use dies before the applications can have the new one: they fail until they have read it.";

const Taken = z.object({ jobId: z.string().nullable(), notes: z.array(z.string()) });

export async function replace(
  config: Config,
  name: string,
  options: { readonly force?: boolean | undefined },
  terminal: Terminal,
): Promise<Answer> {
  const key = await readKey(terminal, name);
  const json = await askService(config, "POST", `${pathOf(name)}/replacement`, {
    key: key.reveal(),
    ...(options.force && { force: true }),
  });
  const { jobId, notes } = Taken.parse(json);
  const taken = jobId === null ? [] : [`accepted: the job ${jobId} puts the new key of ${name} to use`];
  return { ok: true, text: [...taken, ...notes.map((note) => `note: ${note}`)].join("\n"), json };
}

export async function rollback(config: Config, name: string): Promise<Answer> {
  const json = await askService(config, "POST", `${pathOf(name)}/rollback`, {});
  const { explanation } = z.object({ explanation: z.string() }).parse(json);
  return { ok: true, text: explanation, json };
}

export function pathOf(name: string): string {
  return `/api/keys/${encodeURIComponent(name)}`;
}
