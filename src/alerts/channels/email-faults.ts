/**
 * What went wrong with a mail, by nodemailer's code, the step and the server's reply code (RFC 5321: 4yz may pass, 5yz
 * stays). Neither nodemailer's message nor the server's text is told: both may repeat what was sent.
 */
import { z } from "zod";
import type { ChannelError } from "../../core/alert.ts";
import type { PartlySent } from "../../core/ports.ts";
import { isDistrust, refusal, setback } from "./faults.ts";

/** At most a few words: these are codes and commands, never sentences. */
const word = z
  .string()
  .transform((text) => (/^[\w ]{1,40}/.exec(text)?.[0] ?? "").trim())
  .catch("");

const MailFault = z.object({
  code: word,
  /** What it was before nodemailer gave it its own. */
  originalCode: word,
  /** The step, e.g. `AUTH PLAIN`, `RCPT TO`; empty: none. */
  command: word,
  /** The server's reply code; null: it did not reply. */
  responseCode: z.number().positive().nullable().catch(null),
});

const NAMED = 3;

/**
 * Who gets no mail although others do.
 *
 * @param rejected addresses of the configuration
 * @param errors in the same order, as far as there are any
 */
export function missedRecipients(
  place: string,
  of: number,
  rejected: readonly string[],
  errors: readonly unknown[] = [],
): PartlySent {
  const named = rejected.slice(0, NAMED).map((address, index) => {
    const code = MailFault.safeParse(errors[index]).data?.responseCode ?? null;
    return code === null ? address : `${address}, ${code}`;
  });
  const more = rejected.length - named.length;
  const who = [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  return { missed: `${place} refuses ${rejected.length} of ${of} addresses (${who}): check to` };
}

export function explainMailFault(place: string, error: unknown): ChannelError {
  const fault = MailFault.safeParse(error).data;
  const { code = "", originalCode = "", command = "", responseCode: replied = null } = fault ?? {};
  const reason = [originalCode || code, replied, command].filter(Boolean).join(", ");
  if (isDistrust(originalCode))
    return refusal(
      place,
      `has a certificate that is not trusted (${reason})`,
      "mend it, or name its authority in caFile",
    );
  // 503 says that the steps were out of order, not that the mail is unwanted.
  const isFinal = replied !== null && replied >= 500 && replied !== 503;
  if (code === "ETLS" && command === "STARTTLS" && isFinal)
    return refusal(
      place,
      `offers no STARTTLS (${reason})`,
      "nothing is sent without TLS; use the server's TLS port with tls: tls, or another server",
    );
  if (code === "EAUTH" && (isFinal || replied === null))
    return refusal(place, `does not let us in (${reason})`, "check user and password");
  if (code === "EENVELOPE" && isFinal)
    return refusal(place, `refuses the sender or every recipient (${reason})`, "check from and to");
  if (isFinal) return refusal(place, `refuses the mail (${reason})`, "look into the mail server's log");
  if (replied !== null)
    return setback(place, `cannot take the mail now (${reason})`, "wait, or look into its log", {
      effect: "none",
    });
  const isUnsent = code === "EDNS" || originalCode === "ECONNREFUSED" || code === "ETLS";
  return isUnsent
    ? setback(place, `cannot be reached (${reason})`, "check host, port, tls, DNS and firewall", {
        effect: "none",
      })
    : setback(place, `gave no answer (${reason})`, "it may have taken the mail; it is sent again", {
        effect: "unknown",
      });
}
