import { kindTests } from "./kinds.ts";

kindTests("logout-first");
