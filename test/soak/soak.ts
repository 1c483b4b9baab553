/** Days of a site with accidents in every one of them, judged at the end of each. */
import { accidentsOf } from "./accidents.ts";
import { judge } from "./judge.ts";
import { obey } from "./people.ts";
import { prune } from "./prune.ts";
import { Site, type SiteOptions } from "./site.ts";
import { DAY_MS } from "./site-key.ts";

/** In the end nothing happens any more, and everything must come to its end. */
const QUIET_DAYS = 6;

export type SoakOptions = SiteOptions & {
  readonly days: number;
  readonly onDay?: (day: number, site: Site) => void | Promise<void>;
};

export type SoakReport = { readonly site: Site; readonly wrong: readonly string[] };

export async function soak({ days, onDay, ...options }: SoakOptions): Promise<SoakReport> {
  const site = new Site(options);
  const wrong: string[] = [];
  for (let day = 1; day <= days; day += 1) {
    const end = site.now + DAY_MS;
    const plans = day > days - QUIET_DAYS ? [] : accidentsOf(site, DAY_MS - 4 * 3_600_000);
    for (const { at, happen } of plans) {
      await site.passes(Math.max(0, at - site.now));
      await happen(site);
    }
    await site.passes(Math.max(0, end - site.now));
    await obey(site);
    wrong.push(...judge(site).map((what) => `day ${day}: ${what}`));
    await prune(site);
    await onDay?.(day, site);
  }
  return { site, wrong };
}
