/**
 * `${NAME}` in the texts of the configuration file. It is replaced after the file is parsed, so that a value is only
 * ever a value and can never add a field. `$${` stands for `${`.
 */
import type { Lookup } from "./variables.ts";

// Left to right: an escape, a reference, or an opening that nothing closes.
const REFERENCE = /\$\$\{|\$\{(?<name>[^}]*)\}|\$\{/g;
const NAME = /^[A-Za-z_]\w*$/;
/** How variables are called. Another name may be a secret that was written in the place of one: it is not repeated. */
const TELLABLE = /^(?:[A-Z_][A-Z0-9_]{0,63}|[A-Za-z_]\w{0,23})$/;

export type Substituted =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly faults: readonly string[] };

/** What the text says once every reference is replaced. What a variable holds is not looked at again. */
export function substitute(template: string, lookup: (name: string) => Lookup): Substituted {
  const faults: string[] = [];
  const text = template.replaceAll(REFERENCE, (reference, name: string | undefined) => {
    if (reference === "$${") return "${";
    if (name === undefined || !NAME.test(name)) {
      faults.push("has ${ without a variable's name and }; write $${ where ${ is meant as it stands");
      return "";
    }
    const found = lookup(name);
    if (found.kind === "set") return found.text;
    if (found.kind === "unset" && !TELLABLE.test(name))
      faults.push(
        "needs an environment variable that is not set, by a name that may be a secret itself: write ${NAME}, and put the secret into that variable",
      );
    else if (found.kind === "unset")
      faults.push(`needs the environment variable ${name}, which is not set; set it or ${name}_FILE`);
    else faults.push(`needs the environment variable ${name}, but ${found.fault.at} ${found.fault.message}`);
    return "";
  });
  return faults.length === 0 ? { ok: true, text } : { ok: false, faults };
}
