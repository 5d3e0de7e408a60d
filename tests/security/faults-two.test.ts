import { daysTest } from "./faults/days.ts";

daysTest("A2");
daysTest("B1");
