/**
 * Properties are tried with the same values in every run, so that what is red is the change and not the dice.
 * PROPERTY_SEED=random tries others, and any other number repeats a run.
 */
import * as fc from "fast-check";

const seed = process.env["PROPERTY_SEED"] ?? "2026";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });
