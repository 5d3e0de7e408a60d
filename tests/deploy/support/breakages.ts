/**
 * What can be wrong with a deployment, one thing at a time, and how the doctor puts it.
 *
 * @module
 */

import type { FindingCode } from "../../../dev/tasks/doctor/findings.ts";

/** What is done to the database, what is found then, and how it is undone. */
export const IN_THE_DATABASE: readonly (readonly [
  name: string,
  breaking: string,
  code: FindingCode,
  words: RegExp,
  mending: string,
])[] = [
  [
    "a migration that is missing is named with what it lacks",
    "alter function public.retry_message(uuid, uuid, boolean) rename to gone",
    "missing_migration",
    /_messages\.sql.*function public\.retry_message/,
    "alter function public.gone(uuid, uuid, boolean) rename to retry_message",
  ],
  [
    "a repair that is switched off is told",
    "update ghost_repair.settings set enabled = false",
    "repair_off",
    /switched off/,
    "update ghost_repair.settings set enabled = true",
  ],
  [
    "a pause is told",
    "select ghost_repair.pause()",
    "paused",
    /held back/,
    "select ghost_repair.end_pause()",
  ],
  [
    "a job that is not scheduled is named",
    "update cron.job set jobname = 'other' where jobname = 'due-functions'",
    "cron_missing",
    /due-functions is not scheduled/,
    "update cron.job set jobname = 'due-functions' where jobname = 'other'",
  ],
  [
    "a job that somebody paused is named",
    `alter table cron.job add column active boolean not null default true;
     update cron.job set active = false where jobname = 'auto-reconnect-instances'`,
    "cron_inactive",
    /auto-reconnect-instances is there, but not active/,
    "alter table cron.job drop column active",
  ],
  [
    "a scheduler that is not installed is named",
    "alter schema cron rename to cron_gone",
    "cron_missing",
    /pg_cron not installed/,
    "alter schema cron_gone rename to cron",
  ],
  [
    "a job that keeps failing is told with its last word",
    `create table cron.job_run_details as
     select jobid, 'failed' as status, now() as start_time, 'no luck' as return_message
     from cron.job where jobname = 'auto-reconnect-instances'`,
    "cron_failing",
    /auto-reconnect-instances failed 1 times.*no luck/,
    "drop table cron.job_run_details",
  ],
  [
    "a secret that Vault lacks is named",
    "update vault.secrets set name = 'other' where name = 'cron_secret'",
    "vault_missing",
    /no entry cron_secret/,
    "update vault.secrets set name = 'cron_secret' where name = 'other'",
  ],
  [
    "an address in Vault that cannot be called is told",
    "update vault.secrets set secret = secret || '/' where name = 'project_url'",
    "vault_address",
    /not this project's address/,
    "update vault.secrets set secret = rtrim(secret, '/') where name = 'project_url'",
  ],
  [
    "a secret that the functions do not know shows in what they answered to the scheduler",
    "insert into net._http_response values (401, now()), (401, now()), (200, now())",
    "cron_secret_refused",
    /2 calls of the scheduler were refused/,
    "truncate net._http_response",
  ],
  [
    "a number without a gateway is named",
    `create table private.kept as table private.instance_credentials;
     delete from private.instance_credentials`,
    "credentials_missing",
    /atendimento has no gateway/,
    "insert into private.instance_credentials table private.kept; drop table private.kept",
  ],
  [
    "a key that the gateway refuses is told",
    "update private.instance_credentials set api_key = 'no' || api_key",
    "gateway_key",
    /refuses the key of atendimento/,
    "update private.instance_credentials set api_key = substring(api_key from 3)",
  ],
  [
    "a gateway that cannot be reached is told",
    "update private.instance_credentials set api_url = '!' || api_url",
    "gateway_unreachable",
    /cannot be reached/,
    "update private.instance_credentials set api_url = substring(api_url from 2)",
  ],
  [
    "a number that the gateway does not know is named",
    "update public.whatsapp_instances set instance_name = 'nobody'",
    "gateway_instance_missing",
    /knows no instance nobody/,
    "update public.whatsapp_instances set instance_name = 'atendimento'",
  ],
];

/** What the platform answers for a function, and what is found then. */
export const PLATFORM:
  readonly (readonly [string, number, unknown, string, FindingCode, RegExp])[] = [
    [
      "that is not deployed",
      404,
      { code: "NOT_FOUND" },
      "evolution-webhook",
      "function_missing",
      /d/,
    ],
    ["that does not start", 503, { code: "BOOT_ERROR" }, "evolution-api", "function_broken", /503/],
    [
      "deployed so that the platform asks its callers for a JWT",
      401,
      { code: 401, message: "Missing authorization header" },
      "evolution-webhook",
      "function_jwt",
      /asks the callers of evolution-webhook for a JWT/,
    ],
  ];
