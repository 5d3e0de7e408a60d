import { kindTests } from "./kinds.ts";

kindTests("keep-pairing");
