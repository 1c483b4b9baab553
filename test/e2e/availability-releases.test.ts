/**
 * Two releases work on one queue, of which the newer one writes what the older one cannot read, while webhooks come in
 * and rotations run: nothing that was accepted is lost, no key is rotated twice, every page of the older one is shown.
 */
import { describe, it } from "vitest";
import { endsWell } from "../support/availability/expected.ts";
import { RELEASE_STORIES } from "../support/releases/stories.ts";

describe("under steady webhooks and running rotations,", () => {
  it.for(RELEASE_STORIES)("$name: no event is lost, no key is rotated twice", endsWell);
});
