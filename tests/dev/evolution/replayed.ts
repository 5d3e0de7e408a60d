/**
 * Which recording is replayed in which state, and which are not.
 *
 * @module
 */

import type { GhostKind } from "../../../dev/evolution/model.ts";

/** The states that recordings were made in. */
export type Situation =
  | "nothing"
  | "never connected"
  | "open"
  | "webhook refused"
  | "two instances"
  | "three instances"
  | "qr waiting"
  | "logged out"
  | "device removed"
  | "login refused"
  | "restarted while refused"
  | "A1 with a false 201"
  | "A1 with a known recipient"
  | "B2 while it connects"
  | Extract<GhostKind, "A1" | "A2" | "B1" | "B2" | "B3">;

/** Recordings by the state that they need. */
export const REPLAYED: Readonly<Record<Situation, readonly string[]>> = {
  "logged out": [
    "E__connect-first-after-logout",
    "E__connect-immediately-after-logout",
    "E__restart-after-logout",
    "delete__after-logout",
    "fetchInstances-one__after-logout",
    "logout__second-time-after-logout",
    "restart__after-logout",
    "sendMedia__after-logout",
    "sendText__after-logout",
    "sendText__after-logout__number-never-verified",
    "sendWhatsAppAudio__after-logout",
  ],
  open: [
    "E__logout-healthy",
    "auth__logout__own-instance-token",
    "connect__open",
    "connectionState__open",
    "fetchInstances-one__open",
    "logout-GET-wrong-method__open",
    "logout__open",
    "restart__open",
    "sendMedia__missing-media",
    "sendMedia__missing-mediatype",
    "sendMedia__not-on-whatsapp",
    "sendMedia__open",
    "sendText__empty-body",
    "sendText__empty-text",
    "sendText__malformed-json",
    "sendText__missing-number",
    "sendText__missing-text",
    "sendText__not-on-whatsapp",
    "sendText__open",
    "sendText__open-after-restart",
    "sendText__v1-style-textMessage",
    "sendWhatsAppAudio__open",
    "webhook-find__open",
    "webhook-set__bad-event",
    "webhook-set__flat-body-v1-style",
    "webhook-set__no-body",
    "webhook-set__no-events",
    "webhook-set__open",
  ],
  "two instances": [
    "auth__connect__instance-token",
    "auth__connect__no-key",
    "auth__connect__wrong-key",
    "auth__create__instance-token",
    "auth__create__no-key",
    "auth__create__wrong-key",
    "auth__fetch__instance-token",
    "auth__fetch__no-key",
    "auth__fetch__wrong-key",
    "auth__logout__instance-token",
    "auth__logout__no-key",
    "auth__logout__wrong-key",
    "auth__sendText__bearer",
    "auth__sendText__instance-token",
    "auth__sendText__no-key",
    "auth__sendText__token-of-other-instance",
    "auth__sendText__unknown-instance-no-key",
    "auth__sendText__wrong-key",
    "create__duplicate",
  ],
  "three instances": ["fetchInstances-all"],
  "webhook refused": ["webhook-find__after-no-events"],
  "never connected": [
    "connect__never-connected-first",
    "connectionState__never-connected",
    "fetchInstances-one__never-connected",
    "logout-GET-wrong-method__never-connected",
    "logout__never-connected",
    "restart__never-connected",
    "sendMedia__never-connected",
    "sendText__never-connected",
    "sendText__never-connected__number-never-verified",
    "sendWhatsAppAudio__never-connected",
    "webhook-find__never-connected",
    "webhook-set__never-connected",
  ],
  "qr waiting": [
    "connect__never-connected-second",
    "connectionState__qr-waiting",
    "fetchInstances-one__qr-waiting",
    "logout__qr-waiting",
    "restart__qr-waiting",
    "sendText__qr-waiting",
  ],
  nothing: [
    "connect__unknown",
    "connectionState__unknown",
    "create__bad-integration",
    "create__no-integration",
    "create__no-name",
    "create__no-qrcode",
    "create__with-webhook-and-token-qrcode",
    "delete__never-connected",
    "delete__unknown",
    "fetchInstances-one__after-delete",
    "fetchInstances-one__unknown",
    "fetchInstances__instanceId-unknown",
    "logout-GET-wrong-method__unknown",
    "logout__unknown",
    "restart__unknown",
    "root",
    "sendMedia__unknown",
    "sendText__unknown",
    "sendWhatsAppAudio__unknown",
    "unknown-route",
    "webhook-find__unknown",
    "webhook-set__unknown",
  ],
  "login refused": [
    "fetchInstances-one__after-login-failure-401",
    "fetchInstances-one__after-login-failure-402",
    "fetchInstances-one__after-login-failure-403",
    "fetchInstances-one__after-login-failure-406",
    "logout__after-login-failure-401",
    "logout__after-login-failure-402",
    "logout__after-login-failure-403",
    "logout__after-login-failure-406",
  ],
  "device removed": [
    "fetchInstances-one__after-stream-401-device_removed",
    "logout__after-stream-401-device_removed",
  ],
  A1: [
    "ghost-A1-halfopen__connect",
    "ghost-A1-halfopen__delete",
    "ghost-A1-halfopen__logout",
    "ghost-A1-halfopen__restart",
    "ghost-A1-halfopen__sendText-number-never-verified",
    "ghost-A1-halfopen__sendText-verified-number",
  ],
  "A1 with a false 201": [
    "ghost-A1-halfopen__sendText-FALSE-201",
  ],
  "A1 with a known recipient": [
    "ghost-A1-halfopen__sendText-warm-recipient",
  ],
  A2: [
    "ghost-A2-zombie-ghostsh__sendText-number-never-verified",
    "ghost-A2-zombie-ghostsh__sendText-verified-number",
    "ghost-A2-zombie__connect",
    "ghost-A2-zombie__delete",
    "ghost-A2-zombie__logout",
    "ghost-A2-zombie__restart",
    "ghost-A2-zombie__sendMedia",
    "ghost-A2-zombie__sendText-number-never-verified",
    "ghost-A2-zombie__sendText-verified-number",
    "ghost-A2-zombie__sendWhatsAppAudio",
    "ghost-A2-zombie__settings-set-wavoip",
    "ghost-A2-zombie__whatsappNumbers",
  ],
  B1: [
    "ghost-B1-refused__connect",
    "ghost-B1-refused__delete",
    "ghost-B1-refused__logout",
    "ghost-B1-refused__restart",
    "ghost-B1-refused__sendText-number-never-verified",
    "ghost-B1-refused__sendText-verified-number",
  ],
  B2: [
    "ghost-B2-reject503__connect",
    "ghost-B2-reject503__delete",
    "ghost-B2-reject503__restart",
    "ghost-B2-reject503__sendText-number-never-verified",
    "ghost-B2-reject503__sendText-verified-number",
  ],
  "B2 while it connects": [
    "ghost-B2-reject503__logout",
  ],
  B3: [
    "ghost-B3-login-blackholed__connect",
    "ghost-B3-login-blackholed__delete",
    "ghost-B3-login-blackholed__logout",
    "ghost-B3-login-blackholed__restart",
    "ghost-B3-login-blackholed__sendText-number-never-verified",
    "ghost-B3-login-blackholed__sendText-verified-number",
  ],
  "restarted while refused": [
    "ghost-C3-restart-while-refused__connect",
    "ghost-C3-restart-while-refused__connectionState",
    "ghost-C3-restart-while-refused__delete",
    "ghost-C3-restart-while-refused__fetchInstances-by-name",
    "ghost-C3-restart-while-refused__logout",
    "ghost-C3-restart-while-refused__restart",
    "ghost-C3-restart-while-refused__sendText-number-never-verified",
    "ghost-C3-restart-while-refused__sendText-verified-number",
  ],
};

/** Recordings that are not one request, and where else they are tested. */
export const NOT_REPLAYED: Readonly<Record<string, string>> = {
  "GHOST-A1-halfopen": "whole scenarios: see scenarios.test.ts",
  "GHOST-A1-halfopen-warm-recipient": "a sequence: see 'a half-open session …' in ghosts.test.ts",
  "GHOST-A2-variants__after-evolution-process-restart":
    "a restart of the process: see ghosts.test.ts",
  "GHOST-A2-zombie": "whole scenarios: see scenarios.test.ts",
  "GHOST-A2-zombie__after-evolution-process-restart":
    "a restart of the process: see ghosts.test.ts",
  "GHOST-B-logout-retry": "many calls: see 'logout in B1 and B2 …' in ghosts.test.ts",
  "GHOST-B1-refused": "whole scenarios: see scenarios.test.ts",
  "GHOST-B2-reject503": "whole scenarios: see scenarios.test.ts",
  "GHOST-B3-login-blackholed": "whole scenarios: see scenarios.test.ts",
  "GHOST-C3-restart-while-refused": "whole scenarios: see scenarios.test.ts",
  "GHOST-D-close-codes": "whole scenarios: see close-codes.test.ts",
  "MISC": "notes of many calls, without requests: see ghosts.test.ts",
};
