/** `Paddle-Signature` as a stranger may write it: what is accepted, a second implementation of HMAC must accept. */
import { signWebhook, webhookDigest } from "../../support/paddle-simulator/sign.ts";
import {
  expiringBody,
  openPublicListener,
  WEBHOOK_PATH,
  WEBHOOK_SECRET,
} from "../../support/public-listener.ts";
import { mustBeProblem } from "../answers.ts";
import { couldBeSigned } from "../independent-hmac.ts";
import { mutateBytes, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, type Target } from "../target.ts";

const OLDER_SECRET = "the secret of an older destination";
const TERMS = { secrets: [OLDER_SECRET, WEBHOOK_SECRET], toleranceMs: 5_000 };
const WORDS = ["ts=", "h1=", ";", "=", ",", ";ts=1763700000", ";h1=", "h2=00", " ", "\t", "%3B", "0", "TS="];

export const signatureHeader: Target = {
  name: "signature-header",
  mustOccur: ["200", "400", "401"],
  async open() {
    const listener = await openPublicListener();
    const now = listener.clock.now();
    return {
      async feed(random) {
        const body = Buffer.from(expiringBody());
        const { header, isGenuine } = headerFor(random, body, now);
        const isSpoilt = random.oneIn(10);
        const payload = isSpoilt ? mutateBytes(random, body) : body;
        const answer = await listener.app.inject({
          method: "POST",
          url: WEBHOOK_PATH,
          headers: {
            "content-type": "application/json",
            ...(header !== "" && { "paddle-signature": header }),
          },
          payload,
        });
        const { statusCode } = answer;
        const about = `${statusCode} for ${JSON.stringify(header)}`;
        mustBe([200, 400, 401].includes(statusCode), about);
        if (statusCode === 200)
          mustBe(couldBeSigned(header, payload, { ...TERMS, now }), `a forgery was accepted: ${about}`);
        else mustBeProblem(answer, header.length >= 16 ? [header] : []);
        if (isGenuine && !isSpoilt) mustBe(statusCode === 200, `what Paddle may send was refused: ${about}`);
        return String(statusCode);
      },
      [Symbol.asyncDispose]: () => listener.close(),
    };
  },
};

/** Empty: none is sent. `isGenuine`: Paddle could have written it so. */
function headerFor(random: Random, body: Buffer, now: number): { header: string; isGenuine: boolean } {
  const seconds = Math.floor(now / 1_000) + (random.oneIn(4) ? random.from(-8, 8) : 0);
  const secret = random.pick([...TERMS.secrets, "the secret of a stranger"]);
  const header = signWebhook(secret, body, seconds);
  const isInTime = Math.abs(now - seconds * 1_000) <= TERMS.toleranceMs;
  const isOurs = TERMS.secrets.includes(secret) && isInTime;
  switch (random.below(10)) {
    case 0:
      return { header, isGenuine: isOurs };
    case 1: {
      const stranger = webhookDigest("the secret of a stranger", body, seconds);
      const fields = [...header.split(";"), `h1=${stranger}`, "h2=of later days"].join(";");
      return { header: fields.replace(" ", "-").replaceAll(" ", ""), isGenuine: isOurs };
    }
    case 2:
      return { header: header.split(";").toReversed().join(";"), isGenuine: isOurs };
    // The right signature beside another time, and the right time beside another signature.
    case 3:
      return { header: header.replace(/ts=\d+/, `ts=${seconds + random.from(-3, 3)}`), isGenuine: false };
    case 4:
      return { header: header.replace(/.$/, () => random.pick("0123456789abcdefA")), isGenuine: false };
    case 5:
      return { header: random.text(300), isGenuine: false };
    case 6:
      return { header: `${header};${"h1=0;".repeat(random.below(500))}`, isGenuine: false };
    default:
      return { header: mutateText(random, header, WORDS), isGenuine: false };
  }
}
