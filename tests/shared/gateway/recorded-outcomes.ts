/**
 * Which outcome each recorded answer is.
 *
 * @module
 */

/** A pattern of recordings, and the part of the outcome that is expected of all of them. */
type ExpectedRow = readonly [
  RegExp,
  { readonly outcome: string } & Readonly<Record<string, unknown>>,
];

/** Recorded with another method or another address than ours: GET for logout, whatsappNumbers. */
export const NOT_OURS = /^(?:logout-GET-|root$|unknown-route$|.*__whatsappNumbers$|.*settings-set)/;

const OWNER_OF_C_OPEN = "5511910000002";

/** The table. Every recording of an endpoint of ours is in exactly one row. */
export const EXPECTED: readonly ExpectedRow[] = [
  // Sends
  [/^send(?:Text|Media|WhatsAppAudio)__open/, { outcome: "sent" }],
  [/^auth__sendText__instance-token$/, {
    outcome: "sent",
    whatsappMessageId: "3EB0B5FAF49654A6E177F0",
  }],
  [/__sendText-FALSE-201$/, { outcome: "sent", whatsappMessageId: "3EB0B877A7EC2C17509856" }],
  [/^auth__sendText__(?:bearer|no-key|wrong-key|token-of-other)/, {
    outcome: "gateway_unauthorized",
  }],
  [/^send\w+__unknown$|^auth__sendText__unknown-instance/, { outcome: "instance_not_found" }],
  [/^send\w+__not-on-whatsapp$/, { outcome: "number_not_on_whatsapp" }],
  [/^send\w+__(?:missing-|empty-|malformed-|v1-style)/, { outcome: "invalid_request" }],
  [/^send\w+?__(?:never-connected|qr-waiting)/, { outcome: "gateway_error" }],
  [/^send\w+?__after-logout/, { outcome: "connection_closed" }],
  [/^ghost-.*__send(?:Text-(?:verified|warm)|Media|WhatsAppAudio)/, {
    outcome: "connection_closed",
  }],
  [/^ghost-(?:A2|B1|B2|C3).*__sendText-number-never-verified$/, { outcome: "connection_closed" }],
  [/^ghost-(?:A1|B3).*__sendText-number-never-verified$/, { outcome: "connection_closed" }],

  // Logout
  [/^(?:E__logout-healthy|logout__(?:open|qr-waiting)|auth__logout__own-instance-token)$/, {
    outcome: "accepted",
  }],
  [/^ghost-(?:A1|B3)-.*__logout$/, { outcome: "accepted" }],
  [/^ghost-(?:A2|B2)-.*__logout$/, { outcome: "socket_dead" }],
  [/^ghost-(?:B1|C3)-.*__logout$/, { outcome: "not_connected" }],
  [/^logout__(?:after-|never-connected|second-time)/, { outcome: "not_connected" }],
  [/^logout__unknown$/, { outcome: "not_found" }],
  [/^auth__logout__(?:no-key|wrong-key|instance-token)$/, { outcome: "unauthorized" }],

  // Registry
  [/^(?:fetchInstances-one__open|auth__fetch__instance-token|fetchInstances-all)$/, {
    outcome: "open",
    ownNumber: OWNER_OF_C_OPEN,
  }],
  [/^ghost-C3-.*__fetchInstances-by-name$/, { outcome: "open", ownNumber: "5511910000064" }],
  [/^fetchInstances-one__after-login-failure-401$/, {
    outcome: "close",
  }],
  [/^fetchInstances-one__after-login-failure-40[236]$/, { outcome: "close" }],
  [/^fetchInstances-one__after-stream-401/, {
    outcome: "close",
    ownNumber: "5511910000039",
  }],
  [/^fetchInstances-one__after-logout$/, { outcome: "close", ownNumber: OWNER_OF_C_OPEN }],
  [/^fetchInstances-one__never-connected$/, {
    outcome: "close",
    ownNumber: null,
  }],
  [/^fetchInstances-one__qr-waiting$/, { outcome: "connecting", ownNumber: null }],
  [/^fetchInstances-one__(?:unknown|after-delete)$|^fetchInstances__instanceId-unknown$/, {
    outcome: "not_found",
  }],
  [/^auth__fetch__(?:no-key|wrong-key)$/, { outcome: "unauthorized" }],

  // Memory
  [/^connectionState__open$/, { outcome: "open" }],
  [/^connectionState__never-connected$|^ghost-C3-.*__connectionState$/, { outcome: "close" }],
  [/^connectionState__qr-waiting$/, { outcome: "connecting" }],
  [/^connectionState__unknown$/, { outcome: "not_found" }],

  // Connect
  [/^connect__open$|^auth__connect__instance-token$|^ghost-A[12]-.*__connect$/, {
    outcome: "open",
  }],
  [/^connect__never-connected-|^E__connect-|^ghost-B\d-.*__connect$/, {
    outcome: "qr",
    base64: "data:image/png;base64,iVBORw0KGgoAAAANSU…",
    pairingCode: null,
  }],
  [/^ghost-C3-.*__connect$/, { outcome: "no_qr_yet" }],
  [/^connect__unknown$/, { outcome: "not_found" }],
  [/^auth__connect__(?:no-key|wrong-key)$/, { outcome: "unauthorized" }],

  // Restart
  [/^restart__open$|^ghost-A[12]-.*__restart$/, { outcome: "accepted" }],
  [/^restart__qr-waiting$|^ghost-B3-.*__restart$/, { outcome: "accepted" }],
  [/^E__restart-|^restart__(?:after-logout|never-connected)$|^ghost-(?:B1|B2|C3)-.*__restart$/, {
    outcome: "refused",
  }],
  [/^restart__unknown$/, { outcome: "not_found" }],

  // Webhook
  [/^webhook-find__(?:open|after-no-events)$/, {
    outcome: "configured",
    url: "http://127.0.0.1:8092/hook",
    enabled: true,
  }],
  [/^webhook-find__never-connected$/, { outcome: "none" }],
  [/^webhook-(?:find|set)__unknown$/, { outcome: "not_found" }],
  [/^webhook-set__(?:open|never-connected)$/, { outcome: "set" }],
  [/^webhook-set__(?:bad-event|flat-body|no-body|no-events)/, { outcome: "refused" }],

  // Create and delete
  [/^create__(?:no-qrcode$|with-webhook)/, { outcome: "created" }],
  [/^create__(?:duplicate|no-name)$/, { outcome: "name_taken" }],
  [/^create__(?:bad|no)-integration$/, { outcome: "refused" }],
  [/^auth__create__/, { outcome: "unauthorized" }],
  [/^delete__after-logout$|^ghost-(?:A1|B\d|C3)-.*__delete$/, { outcome: "removed" }],
  [/^ghost-A2-.*__delete$/, { outcome: "refused" }],
  [/^delete__(?:never-connected|unknown)$/, { outcome: "not_found" }],
];
