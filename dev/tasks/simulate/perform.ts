/**
 * Doing what a plan says.
 *
 * @module
 */

import { ControlError } from "../../evolution/control/control.ts";
import type { Answer } from "../../world/virtual-world.ts";
import type { Worker } from "./invocations.ts";
import type { Action } from "./plan.ts";
import type { Company, Scene } from "./scene.ts";

/** A message's id, chosen by the client. */
export function messageId(message: number): string {
  return `00000000-0000-4000-8000-${String(message).padStart(12, "0")}`;
}

/** A message's text; no other message has it. */
export function messageText(message: number): string {
  return `message no. ${message};`;
}

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
  const { organizationId, instanceId, instanceName, conversationId } = company;
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
    case "retry":
      return await api("retry", "retry_message", { messageId: messageId(action.message) });
    case "disconnect":
      return await api("disconnect", "disconnect_instance", { instanceId });
    case "reconnect":
      return await api("reconnect", "reconnect_instance", { instanceId });
    case "delete":
      return await api("delete", "delete_instance", { instanceId, confirmName: instanceName });
    case "ask for QR":
      return await api("ask for QR", "get_qrcode", { instanceId });
    case "scan":
      return void control.scan(instanceName);
    case "trespass":
      return await trespass(scene, company);
    case "policy":
      return await scene.savePolicy(company, action.policy);
    case "hold":
      await scene.world.sql`insert into private.message_settings as s
          (organization_id, hold_messages, hold_for)
        values (${organizationId}, ${action.on}, '3 minutes')
        on conflict (organization_id) do update set hold_messages = excluded.hold_messages`;
      return;
    case "ghost":
      control.ghost(instanceName, action.ghost, action.options);
      if (action.ghost === "flapping-440") scene.conflicts.add(instanceName);
      return;
    case "blip":
      if (control.inspect(instanceName).socket === "open") control.blip(instanceName);
      return;
    case "inbound":
      control.inbound(instanceName, { from: "5511977776666", text: "from outside" });
      return;
    case "whatsapp":
      return control.whatsapp(action.change, action.company === null ? undefined : instanceName);
    case "gateway down":
      return control.gatewayDown(action.on);
    case "process restart":
      scene.conflicts.clear();
      return control.restartProcess({
        forgets: action.forgets.map((company) => scene.companies[company]!.instanceName),
      });
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
  scene.begin(by, "evolution-api", body, { token }).then(judge).catch((error) =>
    scene.violated(`${by} threw ${error}`)
  );
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
