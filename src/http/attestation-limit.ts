/** How often the instances of one consumer may report: all at once after a roll-out, and ten a second from then on. */
import { MAX_INSTANCES } from "../core/consumer.ts";
import type { Clock } from "../core/ports.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** As many as there may be instances, so that a whole roll-out can report at once. */
const BURST = MAX_INSTANCES;
/** Enough for that many instances that report every two minutes. */
const PER_SECOND = 10;

/** One bucket for each consumer: there are as many as are configured. */
export class AttestationLimit extends TokenBuckets {
  constructor(clock: Clock) {
    super(clock, { burst: BURST, perSecond: PER_SECOND, atMost: Infinity });
  }
}
