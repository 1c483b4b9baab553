/** The section `store` of type env-file: which file, and which of its variables, hold secrets. */
import { resolve } from "node:path";
import { z } from "zod";
import { text } from "../fields.ts";
import { section } from "../section.ts";
import type { FieldNames, StorePlace } from "./place.ts";

export type EnvFileConfig = {
  readonly type: "env-file";
  /** Absolute. */
  readonly path: string;
  /** As the operator wrote it. */
  readonly displayPath: string;
  readonly variables: FieldNames;
  readonly place: StorePlace;
};

const variable = text("a variable name: letters, digits and _, not beginning with a digit", (name) => {
  return /^[A-Za-z_]\w*$/.test(name);
});

/** @param folder relative paths start here */
export function envFile(folder: string) {
  return section({
    type: z.literal("env-file"),
    path: text("the path of a file", (path) => path !== "" && !path.includes("\0")),
    variables: section({
      active: variable.prefault("ACTIVE_PADDLE_KEY"),
      old: variable.prefault("OLD_PADDLE_KEY"),
      pending: variable.prefault("PENDING_PADDLE_KEY"),
      standby: variable.prefault("STANDBY_PADDLE_KEY"),
    }).prefault({}),
  }).transform(({ type, path, variables }): EnvFileConfig => {
    const absolute = resolve(folder, path);
    const place = { container: `file ${absolute}`, noun: "file", namesIn: "variables", names: variables };
    return { type, path: absolute, displayPath: path, variables, place };
  });
}
