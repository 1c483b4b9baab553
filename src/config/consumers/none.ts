/** A consumer of type none: an application that finds the new secret by itself and shows nothing. */
import { z } from "zod";
import { section } from "../section.ts";
import { commonFields, type ConsumerCommon, withCommon } from "./common.ts";

export type NoneConfig = ConsumerCommon & { readonly type: "none" };

export const none = section({ type: z.literal("none"), ...commonFields }).transform((given): NoneConfig => {
  return withCommon(given);
});
