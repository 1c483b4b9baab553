/** What can be wrong with a standby, as the sweep remembers it and people read it. */
import { z } from "zod";
import { time } from "./words.ts";

export const StandbyFault = z.discriminatedUnion("is", [
  z.object({ is: z.enum(["legacy", "same-key", "refused", "exposed", "not-rotatable"]) }),
  z.object({ is: z.literal("expiring"), at: z.number() }),
  z.object({ is: z.literal("lacks"), permissions: z.array(z.string()).readonly() }),
]);
export type StandbyFault = Readonly<z.output<typeof StandbyFault>>;

/** What follows "the standby …". */
export function inWords(fault: StandbyFault): string {
  switch (fault.is) {
    case "legacy":
      return "is a legacy key or no key at all: it has no key id, so it cannot be checked";
    case "same-key":
      return "is a secret of the active key itself, and dies with it";
    case "refused":
      return "is dead: Paddle refuses it";
    case "exposed":
      return "was found in public";
    case "not-rotatable":
      return "was made without rotation";
    case "expiring":
      return `expires at ${time(fault.at)}, and a standby is not rotated`;
    case "lacks":
      return `lacks permissions that the active key has: ${fault.permissions.join(", ")}`;
    default:
      return fault satisfies never;
  }
}
