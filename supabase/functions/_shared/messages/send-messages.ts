/**
 * The background half of a send: each part in order, each with one recorded end.
 *
 * @module
 */

import { z } from "zod";
import type { Effects } from "../runtime/effects.ts";
import type { MessagePart } from "../contracts/rows.ts";
import { createGateway, type Gateway, type SendOutcome } from "../gateway/client.ts";
import type { Language } from "../http/language.ts";
import type { Arguments, FunctionName } from "../runtime/database.ts";
import { errorName, type Log } from "../runtime/log.ts";
import {
  handleConnectionClosed,
  type RepairResult,
} from "../../evolution-api/connection-closed.ts";
import { type FailureCode, FAILURES } from "./failure-sentences.ts";
import { judgeSend } from "./judge-send.ts";
import { inspectMedia } from "./media-address.ts";
import { type Envelope, sendPart } from "./send-part.ts";

/** What `enqueue_messages` hands over of an instance. */
export const instanceConnection = z.object({
  id: z.uuid(),
  instance_name: z.string(),
  phone_number: z.string().nullable(),
  api_url: z.string(),
  api_key: z.string(),
  confirm_at_ms: z.array(z.number()),
  policy: z.enum(["logout-first", "keep-pairing"]),
});

/** See {@linkcode instanceConnection}. */
export type InstanceConnection = z.infer<typeof instanceConnection>;

/** A stored request, ready to be sent. */
export interface Delivery {
  readonly instance: InstanceConnection;
  readonly envelope: Envelope;
  readonly parts: readonly MessagePart[];
  readonly language: Language;
}

/**
 * Sends a request's parts in order. After one that failed the rest fails with the same reason.
 *
 * @returns The reason, or null where everything was sent.
 */
export async function sendMessages(
  delivery: Delivery,
  effects: Effects,
  log: Log,
): Promise<FailureCode | null> {
  const { instance, parts } = delivery;
  const gateway = createGateway({
    apiUrl: instance.api_url,
    apiKey: instance.api_key,
    instanceName: instance.instance_name,
  }, effects);
  let failure: FailureCode | null = null;
  for (const part of parts) {
    const message = messageStore(part.id, delivery.language, effects, log);
    if (failure !== null) await message.fail(failure);
    else failure = await deliver(part, { delivery, gateway, message, effects, log });
  }
  return failure;
}

interface DeliveryContext {
  readonly delivery: Delivery;
  readonly gateway: Gateway;
  readonly message: MessageStore;
  readonly effects: Effects;
  readonly log: Log;
}

/** @returns The reason, where the message failed. */
async function deliver(part: MessagePart, context: DeliveryContext): Promise<FailureCode | null> {
  const { delivery, gateway, message, log } = context;
  const refusal = part.mediaUrl === null
    ? null
    : await inspectMedia(part.mediaUrl, context.effects);
  if (refusal !== null) {
    log.write("info", "media_refused", { messageId: part.id, reason: refusal });
    await message.fail("invalid_request");
    return "invalid_request";
  }
  const answer = await sendPart(gateway, part, delivery.envelope);
  log.write("info", "send_answered", sendFields(part.id, answer));
  const verdict = judgeSend(answer);
  // The message's own end is stored before anything slow, unless a living socket could change it.
  if (verdict.message !== "undecided") await message.record(answer);
  if (!verdict.suspicious) {
    if (isStrange(answer.outcome)) await suspect(delivery.instance.id, answer.outcome, context);
    return failureOf(answer);
  }

  const undecided = verdict.message === "undecided";
  const repair = await repairSession(context, undecided);
  if (!undecided) return failureOf(answer);
  if (repair.outcome !== "false_alarm") return "connection_closed";
  // The socket lives. Answered at once, nothing had been written to it: one more try is safe.
  if (!verdict.maySendAgain) {
    await message.fail("connection_closed");
    return "connection_closed";
  }
  const second = await sendPart(gateway, part, delivery.envelope);
  log.write("info", "send_answered", { ...sendFields(part.id, second), step: "again" });
  await message.record(second);
  return failureOf(second);
}

/**
 * A process that lost the instance answers 404 or a TypeError, a dying websocket its close code: no
 * Connection Closed, and yet dead. The ladder asks the socket; nothing else follows from it.
 */
function isStrange(outcome: SendOutcome["outcome"]): boolean {
  return outcome === "instance_not_found" || outcome === "gateway_error";
}

async function suspect(
  instanceId: string,
  reason: string,
  { effects, log }: DeliveryContext,
): Promise<void> {
  try {
    await effects.database.call("suspect_session", {
      p_instance_id: instanceId,
      p_reason: reason,
    }, z.boolean());
  } catch (error) {
    log.write("error", "suspicion_not_recorded", { error: errorName(error) });
  }
}

async function repairSession(context: DeliveryContext, undecided: boolean): Promise<RepairResult> {
  const { delivery: { instance }, effects, gateway, message, log } = context;
  const verb = <F extends FunctionName>(name: F, args: Arguments<F>) =>
    effects.database.call(name, args, z.string());
  const claimed = (token: string) => ({ p_instance_id: instance.id, p_token: token });
  const result = await handleConnectionClosed(
    {
      ownNumber: instance.phone_number,
      confirmAtMs: instance.confirm_at_ms,
      policy: instance.policy,
    },
    {
      gateway,
      claim: async () =>
        (await effects.database.call(
          "claim_ghost_repair",
          { p_instance_id: instance.id },
          z.array(claimRow).length(1),
        ))[0]!,
      confirm: (token, probes) =>
        verb("confirm_ghost_repair", { ...claimed(token), p_probes: probes }),
      release: (token, probes) =>
        verb("release_ghost_repair", { ...claimed(token), p_probes: probes }),
      recordLogout: (token, outcome) =>
        verb("record_ghost_logout", { ...claimed(token), p_outcome: outcome }),
      recordVerification: (token, outcome) =>
        verb("record_ghost_verification", { ...claimed(token), p_outcome: outcome }),
      failMessage: undecided ? () => message.fail("connection_closed") : async () => {},
      sleep: effects.clock.sleep.bind(effects.clock),
      onFault: (step, error) =>
        log.write("error", "repair_fault", { step, error: errorName(error) }),
    },
  );
  log.write("info", "repair_ended", {
    outcome: result.outcome,
    ...(result.outcome === "skipped" ? { reason: result.reason } : {}),
  });
  return result;
}

const claimRow = z.object({
  claimed: z.boolean(),
  reason: z.string().nullable(),
  token: z.string().nullable(),
});

interface MessageStore {
  /** Stores what the gateway's answer means for the message. */
  record(answer: SendOutcome): Promise<void>;
  /** Stores the message as failed. */
  fail(code: FailureCode): Promise<void>;
}

/** Where the database does not answer either, the row stays `sending` and the sweeper ends it. */
function messageStore(id: string, language: Language, effects: Effects, log: Log): MessageStore {
  const finish = async (outcome: Record<string, unknown>) => {
    try {
      await effects.database.call(
        "finish_message",
        { p_message_id: id, p_outcome: outcome },
        z.boolean(),
      );
    } catch (error) {
      log.write("error", "message_not_recorded", { messageId: id, error: errorName(error) });
    }
  };
  const fail = (code: FailureCode) =>
    finish({ status: "failed", error_code: code, error_message: FAILURES[code][language] });
  return {
    fail,
    record: (answer) =>
      answer.outcome === "sent"
        ? finish({ status: "sent", whatsapp_message_id: answer.whatsappMessageId })
        : fail(answer.outcome),
  };
}

function failureOf(answer: SendOutcome): FailureCode | null {
  return answer.outcome === "sent" ? null : answer.outcome;
}

function sendFields(messageId: string, answer: SendOutcome) {
  return {
    messageId,
    outcome: answer.outcome,
    ms: Math.round(answer.ms),
    ...(answer.httpStatus === undefined ? {} : { httpStatus: answer.httpStatus }),
  };
}
