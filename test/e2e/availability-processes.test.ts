/**
 * PostgreSQL or a process of ours ends while webhooks come in and rotations run: nothing that was accepted is lost, nothing is
 * done twice, and the applications' secret is alive all the time. `npm run bench -- availability` plays the same stories
 * for longer, under more load, and prints the gaps.
 */
import { describe, it } from "vitest";
import { endsWell } from "../support/availability/expected.ts";
import { OTHER_STORIES } from "../support/availability/stories.ts";

describe("under steady webhooks and running rotations,", () => {
  it.for(OTHER_STORIES)("$name: no event is lost, no key is rotated twice", endsWell);
});
