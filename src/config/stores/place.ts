/** Which texts of which container a store's secrets take, so that no two secrets are given the same one. */
import { z } from "zod";
import { text } from "../fields.ts";
import { section } from "../section.ts";

/** Where a store's secrets lie. Two stores of one container need different names. */
export const StorePlace = z.object({
  /** What stands for it in any spelling, e.g. the absolute path of a file. */
  container: z.string(),
  /** What operators call a container of this kind, e.g. `file`. */
  noun: z.string(),
  /** The field of the section that holds the names; null: the container holds one key and no other. */
  namesIn: z.string().nullable(),
  /** By slot. */
  names: z.record(z.string(), z.string()),
});
export type StorePlace = z.output<typeof StorePlace>;

/** Which field of a document holds which secret. */
export type FieldNames = Readonly<Record<"active" | "old" | "pending" | "standby", string>>;

const fieldName = text("the name of a field: 1 to 253 of letters, digits, _, - and .", (name) => {
  return /^[\w.-]{1,253}$/.test(name);
});

/** The section `fields` of stores that keep slots as named texts of one document. */
export const fieldNames = section({
  active: fieldName.prefault("ACTIVE_PADDLE_KEY"),
  old: fieldName.prefault("OLD_PADDLE_KEY"),
  pending: fieldName.prefault("PENDING_PADDLE_KEY"),
  standby: fieldName.prefault("STANDBY_PADDLE_KEY"),
}).prefault({});
