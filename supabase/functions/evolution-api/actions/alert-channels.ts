/**
 * `list_alert_channels`, `save_alert_channel`, `test_alert_channel`, `delete_alert_channel`: where an
 * organization's people are told of numbers that need them. For its owners and admins.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  deleteAlertChannelContract,
  listAlertChannelsContract,
  saveAlertChannelContract,
  testAlertChannelContract,
} from "../../_shared/contracts/alert-channels.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import { checkPublicAddress } from "../../_shared/runtime/public-address.ts";
import { type Action, ask, succeed } from "../action.ts";

const listed = z.pick(listAlertChannelsContract.response, { channels: true });
const saved = z.pick(saveAlertChannelContract.response, { channel: true });
const queued = z.pick(testAlertChannelContract.response, { queued: true });
const deleted = z.pick(deleteAlertChannelContract.response, { deleted: true });

/** Lists them, without their secrets. */
export const listAlertChannels: Action<"list_alert_channels"> = async (request, call) => {
  const asked = { p_user_id: call.userId, p_organization_id: request.organizationId };
  return succeed("list_alert_channels", await ask(call, "list_alert_channels", asked, listed));
};

/** Makes or changes one. An address that is not public is refused: it is called from here. */
export const saveAlertChannel: Action<"save_alert_channel"> = async (request, call) => {
  const { channelId, organizationId, timeZone, quiet, url, ...told } = request;
  if (url !== undefined) {
    const address = URL.parse(url);
    if (address === null || await checkPublicAddress(address, call.effects) !== null) {
      throw new ApiError("INVALID_REQUEST", { field: "url" });
    }
  }
  const channel = {
    ...told,
    ...(url === undefined ? {} : { url }),
    ...(channelId === undefined ? {} : { id: channelId }),
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    ...(quiet === undefined
      ? {}
      : quiet === false
      ? { quiet_from: null, quiet_until: null }
      : { quiet_from: quiet.from, quiet_until: quiet.until }),
  };
  const asked = { p_user_id: call.userId, p_channel: channel };
  return succeed("save_alert_channel", await ask(call, "save_alert_channel", asked, saved));
};

/** Sends a word of trial, at the scheduler's next turn. */
export const testAlertChannel: Action<"test_alert_channel"> = async ({ channelId }, call) => {
  const asked = { p_user_id: call.userId, p_channel_id: channelId };
  return succeed("test_alert_channel", await ask(call, "test_alert_channel", asked, queued));
};

/** Deletes one. */
export const deleteAlertChannel: Action<"delete_alert_channel"> = async ({ channelId }, call) => {
  const asked = { p_user_id: call.userId, p_channel_id: channelId };
  return succeed("delete_alert_channel", await ask(call, "delete_alert_channel", asked, deleted));
};
