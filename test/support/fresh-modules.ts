/** Files that share a process share no state of ours: each is given modules of its own, as if nobody had been there before. */
import { vi } from "vitest";

vi.resetModules();
