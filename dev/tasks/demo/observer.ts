/**
 * What happened since the last look: the gateway's calls and the number's events, as words of the
 * story.
 *
 * @module
 */

import type { VirtualWorld } from "../../world/virtual-world.ts";
import type { Printer } from "./printer.ts";

interface EventRow {
  readonly id: string;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** See {@linkcode createObserver}. */
export type Observer = ReturnType<typeof createObserver>;

/** Prints what is new at every look. */
export function createObserver(world: VirtualWorld, print: Printer) {
  const { instanceId, instanceName } = world.company;
  let callsSeen = world.gateway.calls.length;
  let lastEvent = "0";
  let probes = 0;
  let sendTold = true;
  // The keep-alive of a half-open session also says `open`: only what follows our connect is a step.
  let reconnecting = false;
  let socket = world.gateway.control.inspect(instanceName).socket;
  const events: string[] = [];

  /** Starts from here: what is past is not told. */
  const skip = async () => {
    callsSeen = world.gateway.calls.length;
    const [row] = await world.sql`
      select coalesce(max(id), 0)::text as id from public.instance_events
      where instance_id = ${instanceId}`;
    lastEvent = row?.id ?? "0";
    probes = 0;
    sendTold = false;
    socket = world.gateway.control.inspect(instanceName).socket;
  };

  const lookAtGateway = () => {
    for (const call of world.gateway.calls.slice(callsSeen)) {
      if (call.instance !== instanceName && call.route !== "fetchInstances") continue;
      if (call.route === "fetchBusinessProfile") {
        print.line("probe", { count: ++probes }, { tone: "dim" });
      } else if (call.route === "connect") {
        reconnecting = true;
        print.line("connect", {}, { step: 8 });
      }
    }
    tellFailedSend();
    callsSeen = world.gateway.calls.length;
    const now = world.gateway.control.inspect(instanceName).socket;
    if (now === "open" && socket !== "open") {
      print.line("socketOpen", {}, { step: 9, tone: "good" });
    }
    socket = now;
  };

  const tellFailedSend = () => {
    const send = world.gateway.calls.findLast((call) => call.route === "sendText");
    if (sendTold || send?.ms === undefined || send.ms === null || (send.status ?? 0) < 400) return;
    sendTold = true;
    const seconds = (send.ms / 1000).toFixed(1);
    print.line("sendFailed", { seconds }, { step: 2, tone: "bad" });
  };

  const lookAtEvents = async () => {
    const rows = await world.sql<EventRow[]>`
      select id::text, kind, detail from public.instance_events
      where instance_id = ${instanceId} and id > ${lastEvent} order by id`;
    for (const event of rows) {
      lastEvent = event.id;
      events.push(event.kind);
      tell(print, event, reconnecting);
    }
  };

  return {
    skip,
    /** The kinds of all events told so far. */
    events: () => events as readonly string[],
    look: async () => {
      lookAtGateway();
      await lookAtEvents();
    },
  };
}

/** Tells an event in words, where the story has any for it. */
function tell(
  print: Printer,
  { kind, detail }: EventRow,
  reconnecting: boolean,
): void {
  const step = (number: number) => reconnecting ? { step: number } : {};
  const text = (key: string) => String(detail[key] ?? "");
  switch (kind) {
    case "false_alarm":
      return print.line("falseAlarm", {}, { tone: "good" });
    case "logout": {
      const status = text("http_status") || "–";
      return print.line("logout", { status, outcome: text("logout") }, { step: 3 });
    }
    case "marked_disconnected":
      return print.line("marked", {}, { step: 4, tone: "bad" });
    case "verified": {
      const { registry, outcome } = detail.verified as Readonly<Record<string, unknown>>;
      return print.line("verified", { registry: `${registry}`, outcome: `${outcome}` });
    }
    case "qr_required":
      return print.line("qr");
    case "connected":
      if (detail.source === "webhook") print.line("webhookOpen", {}, step(10));
      return print.line("connected", {}, { ...step(11), tone: "good" });
    case "healed":
      return print.line("healed", {}, { tone: "good" });
    case "repair_step":
      if (detail.next === undefined) print.line("step", { step: text("step") });
      if (detail.next === "wait") {
        print.line("waiting", { reason: text("reason") }, { tone: "dim" });
      }
      return;
    case "restart_requested":
      return print.line("restartRequested", { reason: text("reason") });
    case "process_restarted":
      return print.line("agentRestarted");
    case "needs_operator":
      return print.line("operatorReason", { reason: text("reason") }, { tone: "bad" });
  }
}
