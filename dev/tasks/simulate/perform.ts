/**
 * Doing what a plan says.
 *
 * @module
 */

import { ControlError } from "../../evolution/control/control.ts";
import type { Answer } from "../../world/virtual-world.ts";
import type { Action, UserAction, WorldAction } from "./actions.ts";
import type { Worker } from "./invocations.ts";
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
    switch (action.kind) {
      case "webhook faults":
        return scene.world.gateway.control.webhooks(action.faults);
      case "gateway fault":
        return scene.world.gateway.control.fault(action.route, action.fault);
      case "gateway delay":
        return scene.network.delayGateway(action.route, action.ms);
      case "database fault":
        return scene.network.breakDatabase(action.fn, action.fault);
      case "kill":
        return scene.invocations.doom(action.who, action.afterEffects);
      case "ghost":
      case "blip":
      case "inbound":
      case "whatsapp":
      case "gateway down":
      case "process restart":
        return change(scene, action);
      default:
        return await act(scene, action);
    }
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
  }
}

function change(scene: Scene, action: WorldAction): void {
  const { control } = scene.world.gateway;
  const name = (company: number) => scene.companies[company]!.instanceName;
  switch (action.kind) {
    case "ghost":
      control.ghost(name(action.company), action.ghost, action.options);
      if (action.ghost === "flapping-440") scene.flapping.add(name(action.company));
      return;
    case "blip":
      if (control.inspect(name(action.company)).socket === "open") {
        control.blip(name(action.company));
      }
      return;
    case "inbound":
      control.inbound(name(action.company), { from: "5511977776666", text: "from outside" });
      return;
    case "whatsapp":
      return control.whatsapp(
        action.change,
        action.company === null ? undefined : name(action.company),
      );
    case "gateway down":
      return control.gatewayDown(action.on);
    case "process restart":
      scene.flapping.clear();
      return control.restartProcess({ forgets: action.forgets.map(name) });
  }
}

async function act(scene: Scene, action: UserAction): Promise<void> {
  const company = scene.companies[action.company]!;
  const { instanceId, instanceName, conversationId } = company;
  switch (action.kind) {
    case "send":
    case "send again":
      return await ask(scene, company, "send", {
        action: "send_message_async",
        conversationId,
        message: messageText(action.message),
        clientMessageId: messageId(action.message),
      });
    case "retry":
      return await ask(scene, company, "retry", {
        action: "retry_message",
        messageId: messageId(action.message),
      });
    case "disconnect":
      return await ask(scene, company, "disconnect", { action: "disconnect_instance", instanceId });
    case "reconnect":
      return await ask(scene, company, "reconnect", { action: "reconnect_instance", instanceId });
    case "delete":
      return await ask(scene, company, "delete", {
        action: "delete_instance",
        instanceId,
        confirmName: instanceName,
      });
    case "ask for QR":
      return await ask(scene, company, "ask for QR", { action: "get_qrcode", instanceId });
    case "scan":
      scene.world.gateway.control.scan(instanceName);
      return;
    case "trespass":
      return await trespass(scene, company);
    case "policy":
      return await scene.savePolicy(company, action.policy);
    case "hold":
      await scene.world.sql`insert into private.message_settings as s
          (organization_id, hold_messages, hold_for)
        values (${company.organizationId}, ${action.on}, '3 minutes')
        on conflict (organization_id) do update set hold_messages = excluded.hold_messages`;
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
    scene.violations.push(`${by} threw ${error}`)
  );
  return scene.lineUp();
}

/** Somebody else's conversation and number, by their ids. */
async function trespass(scene: Scene, company: Company): Promise<void> {
  const { conversationId, instanceId, instanceName } = scene.idle.company;
  const refused = ({ status }: Answer) => {
    if (status < 400) scene.violations.push("somebody else's number did what it was told");
  };
  const bodies = [
    { action: "send_message_async", conversationId, message: "not mine" },
    { action: "disconnect_instance", instanceId },
    { action: "reconnect_instance", instanceId },
    { action: "delete_instance", instanceId, confirmName: instanceName },
  ];
  for (const body of bodies) await ask(scene, company, "trespass", body, refused);
}
