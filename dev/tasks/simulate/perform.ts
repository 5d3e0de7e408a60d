/**
 * Doing what a plan says.
 *
 * @module
 */

import { ControlError } from "../../evolution/control/changes.ts";
import type { Answer } from "../../world/calls.ts";
import { HISTORY_BATCH } from "./promises/deletion.ts";
import {
  beAway,
  deleteOrganization,
  inboundWithBadOne,
  makeDeaf,
  refuseDelivery,
  showUnexpectedQr,
  writeUnheard,
  wrongSecret,
} from "./events.ts";
import { breakHabit } from "./hearing.ts";
import type { Worker } from "./invocations.ts";
import type { Action } from "./happenings.ts";
import type { Company } from "./company.ts";
import type { Scene } from "./scene.ts";
import { messageId, messageText, pictures } from "./texts.ts";

/** What a message's second one adds to its number, where two are sent at once. */
const SECOND_OF_TWO = 500_000;
/** The gateway frees the name of a deleted instance by then, or is not waited for any more, in ms. */
const DELETION_MS = 15_000;
/** So long before and after a sweep a number's row is locked, in ms. */
const NEAR_MS = 2_000;
/** More messages than a deletion's batch. */
const HISTORY = 1_200;

/** Does one action; time stands still. What makes no sense at this moment does nothing. */
export async function perform(scene: Scene, action: Action): Promise<void> {
  try {
    await act(scene, action);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
  }
}

async function act(scene: Scene, action: Action): Promise<void> {
  const { control } = scene.world.gateway;
  // What names no company does not use it.
  const company = scene.companies["company" in action ? action.company ?? 0 : 0]!;
  const { instanceId, instanceName, conversationId } = company;
  const api = (by: Worker, name: string, body: Readonly<Record<string, unknown>>) =>
    ask(scene, company, by, { action: name, ...body });
  switch (action.kind) {
    case "send":
    case "send again":
      return await api("send", "send_message_async", {
        conversationId,
        message: messageText(action.message),
        clientMessageId: messageId(action.message),
      });
    case "send two":
      await perform(scene, { ...action, kind: "send", thenMs: 0 });
      if (action.apartMs > 0) await scene.pass(action.apartMs);
      return await perform(scene, {
        kind: "send",
        company: action.company,
        message: action.message + SECOND_OF_TWO,
        thenMs: 0,
      });
    case "send pictures":
      control.slow("sendMedia", action.eachMs);
      return await api("send", "send_message_async", {
        conversationId,
        message: pictures(action.message, action.parts),
        clientMessageId: messageId(action.message),
      });
    case "slow close":
      await scene.setHold(company, true);
      if (action.left) scene.network.closeAfter("sendText", action.ms);
      else {
        control.ghost(instanceName, "A2");
        scene.network.delayGateway("sendText", action.ms);
      }
      return await perform(scene, { ...action, kind: "send", thenMs: 0 });
    case "send into a fault":
      control.fault("sendText", action.fault, { instance: instanceName });
      return await perform(scene, { ...action, kind: "send", thenMs: 0 });
    case "retry":
      return await api("retry", "retry_message", { messageId: messageId(action.message) });
    case "disconnect":
      return await api("disconnect", "disconnect_instance", { instanceId });
    case "reconnect":
      return await api("reconnect", "reconnect_instance", { instanceId });
    case "disconnect a zombie":
      control.ghost(instanceName, "A2");
      await api("disconnect", "disconnect_instance", { instanceId });
      await scene.pass(action.apartMs);
      return control.restartProcess();
    case "delete":
      return await api("delete", "delete_instance", { instanceId, confirmName: instanceName });
    case "delete with history":
      await scene.world.sql`update ghost_repair.settings set sweep_batch = ${HISTORY_BATCH}`;
      await scene.world.sql`insert into public.messages (organization_id, conversation_id,
          whatsapp_instance_id, is_from_me, message_type, content, status)
        select c.organization_id, c.id, c.whatsapp_instance_id, false, 'text', 'long ago', 'received'
        from public.conversations c, generate_series(1, ${HISTORY})
        where c.id = ${conversationId} and c.whatsapp_instance_id is not null`;
      await api("delete", "delete_instance", { instanceId, confirmName: instanceName });
      await scene.pass(DELETION_MS);
      await scene.passToTick(NEAR_MS);
      return await scene.lock("whatsapp_instances", instanceId, 2 * NEAR_MS);
    case "delete organization":
      return await deleteOrganization(scene, company);
    case "ask for QR":
      return await api("ask for QR", "get_qrcode", { instanceId });
    case "scan":
      writeUnheard(scene, company);
      return void control.scan(instanceName);
    case "trespass":
      return await trespass(scene, company);
    case "policy":
      return await scene.savePolicy(company, action.policy);
    case "hold":
      return await scene.setHold(company, action.on);
    case "ghost":
      control.ghost(instanceName, action.ghost, action.options);
      control.inbound(instanceName, { from: "5511977776666", text: "to a ghost" });
      if (action.ghost === "flapping-440") {
        scene.conflicts.set(instanceName, scene.world.clock.monotonicMs());
      }
      return;
    case "deaf":
      return makeDeaf(scene, company, action.deafness, action.forMs);
    case "silence":
      return await breakHabit(scene.world, company);
    case "own phone":
      return control.phoneOff(instanceName, action.off);
    case "choose canaries":
      return await api("send", "update_settings", {
        organizationId: company.organizationId,
        canaries: action.on,
      });
    case "blip":
      if (control.inspect(instanceName).socket === "open") control.blip(instanceName);
      return;
    case "inbound":
      control.inbound(instanceName, { from: action.from, text: "from outside" });
      return;
    case "inbound with a bad one":
      return inboundWithBadOne(scene, company, action.message, action.bad);
    case "refuse delivery":
      if (!action.acked) control.acks(instanceName, "off");
      await perform(scene, { ...action, kind: "send", thenMs: 0 });
      await scene.pass(2_000);
      refuseDelivery(scene, company, action.acked);
      return control.acks(instanceName, "on");
    case "whatsapp":
      return control.whatsapp(action.change, action.company === null ? undefined : instanceName);
    case "gateway down":
      return control.gatewayDown(action.on);
    case "unexpected QR":
      return await showUnexpectedQr(scene, company);
    case "process restart":
      scene.conflicts.clear();
      return control.restartProcess({
        forgets: action.forgets.map((company) => scene.companies[company]!.instanceName),
      });
    case "way out lost":
      control.receiverAway("unreachable");
      control.whatsapp({ refusing: true });
      return scene.passing.begin(action.forMs, () => {
        control.receiverAway(null);
        control.whatsapp({ reachable: true });
      });
    case "outage":
      return await beAway(scene, action.as, action.forMs);
    case "wrong secret":
      return await wrongSecret(scene, company, action.away, action.forMs);
    case "report fault":
      return control.reportFault(action.fault);
    case "gateway clock":
      return control.clockOff(action.hours * 3_600_000);
    case "lock number":
      return await scene.lock("whatsapp_instances", instanceId, action.forMs);
    case "lock message":
      return await scene.lock("messages", messageId(action.message), action.forMs);
    case "webhook faults":
      return control.webhooks(action.faults);
    case "gateway fault":
      return control.fault(action.route, action.fault);
    case "gateway delay":
      return scene.network.delayGateway(action.route, action.ms);
    case "database fault":
      return scene.network.breakDatabase(action.fn, action.fault);
    case "kill":
      return scene.invocations.doom(action.who, action.afterEffects);
  }
}

/** Asks; nobody waits for the answer. */
function ask(
  scene: Scene,
  { token }: Company,
  by: Worker,
  body: Readonly<Record<string, unknown>>,
  judge: (answer: Answer) => void = () => {},
): Promise<void> {
  if (scene.isAway) return Promise.resolve();
  scene.begin(by, "evolution-api", body, { token }).then((answer) => {
    if (answer.status === 500) scene.violated(`${by} was answered 500`);
    judge(answer);
  }).catch((error) => scene.violated(`${by} threw ${error}`));
  return scene.lineUp();
}

/** Somebody else's conversation and number, by their ids. */
async function trespass(scene: Scene, company: Company): Promise<void> {
  const { conversationId, instanceId, instanceName } = scene.idle.company;
  const refused = ({ status }: Answer) => {
    if (status < 400) scene.violated("somebody else's number did what it was told");
  };
  const bodies = [
    { action: "send_message_async", conversationId, message: "not mine" },
    { action: "disconnect_instance", instanceId },
    { action: "reconnect_instance", instanceId },
    { action: "delete_instance", instanceId, confirmName: instanceName },
  ];
  for (const body of bodies) await ask(scene, company, "trespass", body, refused);
}
