/** Rules over all keys: an attestation names its consumer, and nothing else, so that name stands for one alone. */
import { z } from "zod";
import { Secret } from "../../core/secret.ts";

const Attesting = z.object({ name: z.string(), attest: z.object({ token: z.instanceof(Secret) }) });
const WithConsumers = z.object({ consumers: z.array(z.unknown()) });

type Found = { readonly path: readonly (string | number)[]; readonly name: string; readonly token: Secret };

/** For `superRefine` on the list `keys`, which may hold anything. */
export function attestingDiffer(keys: unknown, context: z.RefinementCtx): void {
  const found: Found[] = [];
  for (const consumer of attestingOf(keys)) {
    const fault = (field: readonly string[], message: string) =>
      context.addIssue({ code: "custom", path: [...consumer.path, ...field], message });
    const namesake = found.find(({ name }) => name === consumer.name);
    if (namesake)
      fault(["name"], `is also the name of ${placeOf(namesake)}; each one that attests needs its own`);
    const sharer = found.find(({ token }) => token.equals(consumer.token));
    if (sharer)
      fault(
        ["attest", "token"],
        `is also the token of ${placeOf(sharer)}; each one that attests needs its own`,
      );
    found.push(consumer);
  }
}

function attestingOf(keys: unknown): Found[] {
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key, keyIndex) => {
    const consumers = WithConsumers.safeParse(key).data?.consumers ?? [];
    return consumers.flatMap((consumer, index) => {
      const { data } = Attesting.safeParse(consumer);
      return data
        ? [{ path: [keyIndex, "consumers", index], name: data.name, token: data.attest.token }]
        : [];
    });
  });
}

function placeOf({ path: [key, , consumer] }: Found): string {
  return `keys[${key}].consumers[${consumer}]`;
}
