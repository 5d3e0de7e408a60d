/**
 * What is measured, by name. The values are the database's (`read_metrics`).
 *
 * @module
 */

import type { Family } from "./exposition.ts";

const counter = (help: string): Family => ({ type: "counter", help });
const gauge = (help: string): Family => ({ type: "gauge", help });
const histogram = (help: string): Family => ({ type: "histogram", help });

/** See {@linkcode Family}. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  ghost_repair_numbers: gauge("Numbers by health and gateway, as instance_health says."),
  ghost_repair_open_repairs: gauge("Open repairs by state and how they began."),
  ghost_repair_hearing_cases: gauge(
    "Numbers whose session lives and that do not hear, or may not.",
  ),
  ghost_repair_detection_seconds: histogram(
    "Found dead: seconds since something last proved its life, by who found it. Never shorter than it was dead.",
  ),
  ghost_repair_away_seconds: histogram(
    "Connected again: seconds away, by whether a scan was waited for.",
  ),
  ghost_repair_repairs_total: counter("Repairs that ended, by how they began and ended."),
  ghost_repair_connection_closed_total: counter(
    "Sends that met Connection Closed and got a repair.",
  ),
  ghost_repair_false_alarms_total: counter("Sockets that answered before anything was done."),
  ghost_repair_logouts_total: counter("Logouts, by what the gateway answered."),
  ghost_repair_sends_total: counter("Ends of sends; one that was corrected later ended twice."),
  ghost_repair_messages_waiting: gauge("Messages that have not left, by state."),
  ghost_repair_oldest_message_seconds: gauge("How long the oldest of them waits."),
  ghost_repair_messages_recovered_total: counter("Messages that were missed and brought in."),
  ghost_repair_messages_missing_total: counter("Messages that were missed and cannot be had."),
  ghost_repair_probes_total: counter("Looks of the watch, by what came of them."),
  ghost_repair_canary_trials_total: counter("Trials whether a number hears, by verdict."),
  ghost_repair_restarts_asked_total: counter("Restarts asked of a gateway's agent."),
  ghost_repair_restarts_total: counter("Restart requests that ended, by how."),
  ghost_repair_alerts_total: counter("Messages to alert channels that ended, by how."),
  ghost_repair_webhook_age_seconds: gauge("Seconds since a gateway's last webhook."),
  ghost_repair_oldest_work_seconds: gauge("How long the oldest due work of a kind has waited."),
  ghost_repair_scheduler_age_seconds: gauge("Seconds since a job of the scheduler was at work."),
  ghost_repair_switched_on: gauge("Whether a part is switched on for all."),
  ghost_repair_paused: gauge("Whether everything that is due is held back."),
};
