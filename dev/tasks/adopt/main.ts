/**
 * `deno task adopt --into <project>`: puts the repair into a project that has its own functions and
 * tables. Exit code: 0 done, 1 refused, 2 usage.
 *
 * @module
 */

import { resolve } from "node:path";
import { readCommandLine, UsageError } from "../../process/command-line.ts";
import { adopt, type AdoptOptions } from "./adopt.ts";
import { readProduct } from "./product.ts";
import { Refusal } from "./refusal.ts";
import { checkTypes } from "./type-check.ts";

const list = (text: string | undefined) =>
  text?.split(",").map((word) => word.trim()).filter((word) => word !== "");

const options = readCommandLine<AdoptOptions>({
  task: "adopt",
  about: "Puts the repair into a project that has its own functions and tables (docs/adopt.md).",
  options: {
    into: { takes: "<project>", about: "the folder with supabase/ in it" },
    check: { about: "say what would be done; write nothing" },
    undo: { about: "take it back: the files as they were" },
    pushed: {
      about: "with --undo: its migration was applied, so a new one takes back what it did",
    },
    "drop-data": { about: "with --undo --pushed: events and settings, too" },
    ladder: { about: "the steps after the logout, too" },
    table: { takes: "<table>", about: "the numbers' table, where it is not found" },
    name: { takes: "<column>", about: "what the gateway calls a number" },
    status: { takes: "<column>", about: "the column that says how it is" },
    connected: { takes: "<words>", about: "that mean open, with commas between" },
    disconnected: { takes: "<word>", about: "that is written when a session is dead" },
    pairing: { takes: "<words>", about: "that mean: waits for a scan" },
    "key-from": {
      takes: "<where>",
      about: "with --ladder, the gateway's key: send, env:NAME, a column, table.column",
    },
    except: { takes: "<files>", about: "that send and are to be left alone" },
  },
  read: ({ value, on }) => {
    const into = value("into");
    if (into === undefined) {
      throw new UsageError("--into is needed: the folder with supabase/ in it");
    }
    if (on("pushed") && !on("undo")) throw new UsageError("--pushed goes with --undo");
    if (on("drop-data") && !on("pushed")) {
      throw new UsageError("--drop-data goes with --undo --pushed");
    }
    const said = {
      table: value("table"),
      name: value("name"),
      status: value("status"),
      connected: list(value("connected")),
      disconnected: value("disconnected"),
      pairing: list(value("pairing")),
      keyFrom: value("key-from"),
    };
    return {
      into: resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), into),
      check: on("check"),
      undo: on("undo"),
      pushed: on("pushed"),
      dropData: on("drop-data"),
      ladder: on("ladder"),
      told: Object.fromEntries(Object.entries(said).filter(([, told]) => told !== undefined)),
      except: list(value("except")) ?? [],
    };
  },
});

try {
  await adopt(options, { product: readProduct, checkTypes, now: new Date(), print: console.log });
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`adopt: ${error.message}. Nothing was changed.`);
  Deno.exit(1);
}
