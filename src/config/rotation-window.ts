/** The section `rotation.window`: on which days and between which times rotations that are not urgent may begin. */
import { z } from "zod";
import { type Weekday, WEEKDAYS, type Window } from "../core/window.ts";
import { mustBe, text } from "./fields.ts";
import { nearest } from "./nearest.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";

const daysError = mustBe(`a list of at least one day such as [mon, tue], of ${WEEKDAYS.join(", ")}`);

const days = z
  .array(
    z
      .string({ error: daysError })
      .trim()
      .pipe(z.enum(WEEKDAYS, { error: daysError })),
    {
      error: daysError,
    },
  )
  .min(1, { error: daysError });

/** In minutes after midnight. */
const timeOfDay = text('a time of day such as "02:30", from "00:00" to "23:59"', (time) => {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
}).transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));

const zoneError = mustBe("the name of a time zone such as Europe/London or UTC");

/** In the spelling of the time zone database. */
const timeZone = z
  .string({ error: zoneError })
  .trim()
  .transform((name, context) => {
    const known = knownZone(name);
    if (known !== null) return known;
    const meant = nearest(name, Intl.supportedValuesOf("timeZone"));
    const message =
      meant === undefined ? zoneError({ input: name }) : `is not a known time zone; did you mean ${meant}?`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

function knownZone(name: string): string | null {
  // A bare offset such as +01:00 is no place: it would be wrong for half of the year.
  if (!/^[a-z]/i.test(name)) return null;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return null;
  }
}

export const rotationWindow = section({
  days: days.optional(),
  from: timeOfDay,
  to: timeOfDay,
  timeZone,
})
  .superRefine(isOpenAtTimes, EVEN_AMONG_FAULTS)
  .transform(({ days: chosen, from, to, timeZone: zone }): Window => ({
    days: chosen ? WEEKDAYS.filter((day: Weekday) => chosen.includes(day)) : WEEKDAYS,
    from,
    to,
    timeZone: zone,
  }));

const Times = z.object({ from: z.number(), to: z.number() });

function isOpenAtTimes(window: unknown, context: z.RefinementCtx): void {
  const times = Times.safeParse(window);
  if (times.success && times.data.from === times.data.to)
    context.addIssue({
      code: "custom",
      path: ["to"],
      message:
        'is the same as from, so the window would never be open; for a whole day write "00:00" and "23:59"',
    });
}
