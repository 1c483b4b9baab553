/** A rule for lists of a key whose entries are known by name. */
import { z } from "zod";

const Named = z.object({ name: z.string() });

/** For `superRefine` on such a list, which may hold anything. @param thing what an entry is; its plural names the list */
export function namesDiffer(thing: string) {
  return (list: unknown, context: z.RefinementCtx): void => {
    if (!Array.isArray(list)) return;
    const owners = new Map<string, number>();
    for (const [index, entry] of list.entries()) {
      const named = Named.safeParse(entry);
      if (!named.success) continue;
      const owner = owners.getOrInsert(named.data.name, index);
      if (owner === index) continue;
      const message = `is also the name of ${thing}s[${owner}]; every ${thing} of a key needs its own`;
      context.addIssue({ code: "custom", path: [index, "name"], message });
    }
  };
}
