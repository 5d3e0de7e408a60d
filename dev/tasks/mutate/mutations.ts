/**
 * Every mistake that is tried: at least one for each SQL function that decides and for each pure
 * decision in TypeScript.
 *
 * @module
 */

import type { Mutation } from "./mutation.ts";
import { ACCESS_MUTATIONS } from "./mutations/access.ts";
import { ACTION_MUTATIONS } from "./mutations/actions.ts";
import { ADOPT_MUTATIONS } from "./mutations/adopt.ts";
import { DOOR_MUTATIONS } from "./mutations/doors.ts";
import { DUE_FUNCTION_MUTATIONS } from "./mutations/due-functions.ts";
import { GAP_MUTATIONS } from "./mutations/gaps/gaps.ts";
import { MISSED_MESSAGE_MUTATIONS } from "./mutations/gaps/missed-messages.ts";
import { RECOVERY_MUTATIONS } from "./mutations/gaps/recovery.ts";
import { GATEWAY_SESSION_MUTATIONS } from "./mutations/gateway-session.ts";
import { GATEWAY_VERSION_MUTATIONS } from "./mutations/gateway-versions.ts";
import { GATEWAY_MUTATIONS } from "./mutations/gateway.ts";
import { CANARY_MUTATIONS } from "./mutations/hearing/canaries.ts";
import { RECREATION_MUTATIONS } from "./mutations/hearing/recreation.ts";
import { UNPROVEN_MUTATIONS } from "./mutations/hearing/unproven.ts";
import { HABIT_MUTATIONS } from "./mutations/hearing/habits.ts";
import { INSTANCE_LIFE_MUTATIONS } from "./mutations/instance-life.ts";
import { INSTANCE_MUTATIONS } from "./mutations/instances.ts";
import { LADDER_DECISION_MUTATIONS } from "./mutations/ladder-decision.ts";
import { LADDER_STEP_MUTATIONS } from "./mutations/ladder-steps.ts";
import { LADDER_MUTATIONS } from "./mutations/ladder.ts";
import { LEASE_MUTATIONS } from "./mutations/leases.ts";
import { LOST_ANSWER_MUTATIONS } from "./mutations/messages/lost-answers.ts";
import { OUTCOME_MUTATIONS } from "./mutations/messages/outcomes.ts";
import { REQUEST_MUTATIONS } from "./mutations/messages/requests.ts";
import { SEND_AGAIN_MUTATIONS } from "./mutations/messages/send-again.ts";
import { SEND_MUTATIONS } from "./mutations/messages/sends.ts";
import { RECONNECT_DECISION_MUTATIONS } from "./mutations/reconnect-decision.ts";
import { RECONNECT_MUTATIONS } from "./mutations/reconnect.ts";
import { LOOK_DECISION_MUTATIONS } from "./mutations/numbers/look-decision.ts";
import { STATE_MUTATIONS } from "./mutations/numbers/states.ts";
import { WATCH_MUTATIONS } from "./mutations/numbers/watch.ts";
import { WATCHED_MUTATIONS } from "./mutations/numbers/watched.ts";
import { ALERT_MUTATIONS } from "./mutations/people/alerts.ts";
import { ERASURE_MUTATIONS } from "./mutations/people/erasures.ts";
import { CONSOLE_MUTATIONS } from "./mutations/people/console.ts";
import { RESTART_AGENT_MUTATIONS } from "./mutations/people/restart-agent.ts";
import { RESTART_REQUEST_MUTATIONS } from "./mutations/people/restart-requests.ts";
import { REPAIR_MUTATIONS } from "./mutations/repair.ts";
import { METRICS_MUTATIONS } from "./mutations/seeing/metrics.ts";
import { SESSION_MUTATIONS } from "./mutations/session.ts";
import { WEBHOOK_READING_MUTATIONS } from "./mutations/webhook-reading.ts";
import { WEBHOOK_MUTATIONS } from "./mutations/webhook.ts";

/** See {@linkcode Mutation}. */
export const MUTATIONS: readonly Mutation[] = [
  ...ADOPT_MUTATIONS,
  ...CONSOLE_MUTATIONS,
  ...SESSION_MUTATIONS,
  ...REPAIR_MUTATIONS,
  ...LEASE_MUTATIONS,
  ...LADDER_MUTATIONS,
  ...LADDER_STEP_MUTATIONS,
  ...LADDER_DECISION_MUTATIONS,
  ...RECONNECT_MUTATIONS,
  ...RECONNECT_DECISION_MUTATIONS,
  ...STATE_MUTATIONS,
  ...WATCH_MUTATIONS,
  ...WATCHED_MUTATIONS,
  ...LOOK_DECISION_MUTATIONS,
  ...DUE_FUNCTION_MUTATIONS,
  ...REQUEST_MUTATIONS,
  ...OUTCOME_MUTATIONS,
  ...LOST_ANSWER_MUTATIONS,
  ...SEND_AGAIN_MUTATIONS,
  ...SEND_MUTATIONS,
  ...WEBHOOK_MUTATIONS,
  ...WEBHOOK_READING_MUTATIONS,
  ...GAP_MUTATIONS,
  ...RECOVERY_MUTATIONS,
  ...MISSED_MESSAGE_MUTATIONS,
  ...HABIT_MUTATIONS,
  ...CANARY_MUTATIONS,
  ...UNPROVEN_MUTATIONS,
  ...RECREATION_MUTATIONS,
  ...INSTANCE_MUTATIONS,
  ...INSTANCE_LIFE_MUTATIONS,
  ...ACTION_MUTATIONS,
  ...GATEWAY_MUTATIONS,
  ...GATEWAY_VERSION_MUTATIONS,
  ...GATEWAY_SESSION_MUTATIONS,
  ...RESTART_AGENT_MUTATIONS,
  ...ALERT_MUTATIONS,
  ...ERASURE_MUTATIONS,
  ...METRICS_MUTATIONS,
  ...RESTART_REQUEST_MUTATIONS,
  ...ACCESS_MUTATIONS,
  ...DOOR_MUTATIONS,
];
