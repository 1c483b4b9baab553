/** When work that is not urgent may be done: certain days, between two times of day, in a time zone. Pure. */

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export type Window = {
  /** At least one. The day on which the window opens; it may close on the next. */
  readonly days: readonly Weekday[];
  /** Minutes after midnight, 0 to 1439; `to` is not included and may be the smaller: then it is of the next day. */
  readonly from: number;
  readonly to: number;
  /** IANA, e.g. `Europe/London`. */
  readonly timeZone: string;
};

/** Moments in epoch milliseconds; `closes` is not included. */
type Opening = { readonly opens: number; readonly closes: number };

const MINUTES_A_DAY = 1440;

/** Two days back: a window over midnight still open, also where a zone has just left out a day. */
const FIRST_DAY = -2;
/** Every weekday comes within a week, and one more day where the clocks leave one out. */
const LAST_DAY = 8;

export function isInside(window: Window, at: number): boolean {
  return nextOpening(window, at) === at;
}

/** The first moment, `from` or later, at which the window is open. `from`: epoch milliseconds, a whole number. */
export function nextOpening(window: Window, from: number): number {
  const today = Temporal.Instant.fromEpochMilliseconds(from)
    .toZonedDateTimeISO(window.timeZone)
    .toPlainDate();
  for (let days = FIRST_DAY; days <= LAST_DAY; days++) {
    const date = today.add({ days });
    const weekday = WEEKDAYS[date.dayOfWeek - 1];
    if (!weekday || !window.days.includes(weekday)) continue;
    const { opens, closes } = openingOn(window, date);
    if (closes > from) return Math.max(opens, from);
  }
  throw new RangeError("a window needs at least one day");
}

function openingOn({ from, to, timeZone }: Window, date: Temporal.PlainDate): Opening {
  const opens = momentOf(date, from, timeZone);
  const closes = momentOf(to > from ? date : date.add({ days: 1 }), to, timeZone);
  if (closes > opens) return { opens, closes };
  // The clocks went over `from` but not over `to`: it was moved on to `to` or behind it. The window keeps its length.
  const minutes = (to - from + MINUTES_A_DAY) % MINUTES_A_DAY;
  return { opens, closes: opens + minutes * 60_000 };
}

/** A time of day that is left out is moved on by the gap; of one that comes twice, the first is meant. */
function momentOf(date: Temporal.PlainDate, minutes: number, timeZone: string): number {
  const plainTime = new Temporal.PlainTime(Math.floor(minutes / 60), minutes % 60);
  const local = date.toPlainDateTime(plainTime);
  return local.toZonedDateTime(timeZone, { disambiguation: "compatible" }).epochMilliseconds;
}
