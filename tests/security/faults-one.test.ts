import { daysTest } from "./faults/days.ts";

daysTest("A1");
daysTest("H1");
