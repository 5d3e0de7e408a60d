/**
 * The errors of actions on numbers and their gateway; a part of `ERRORS`.
 *
 * @module
 */

import { type ErrorKind, kind } from "./error-kind.ts";

/** The errors by code. */
export const INSTANCE_ERRORS = {
  FORBIDDEN: kind(
    403,
    false,
    "Só administradores podem fazer isso com este número.",
    "Only administrators may do this with this number.",
  ),
  ORGANIZATION_NOT_FOUND: kind(
    404,
    false,
    "Organização não encontrada.",
    "Organization not found.",
  ),
  INSTANCE_NAME_TAKEN: kind(
    409,
    false,
    "Este nome já está em uso. Escolha outro.",
    "This name is already in use. Choose another.",
  ),
  CONFIRMATION_MISMATCH: kind(
    400,
    false,
    "O nome digitado não é o deste número. Nada foi excluído.",
    "The name you typed is not this number's. Nothing was deleted.",
  ),
  INSTANCE_NOT_CONNECTED: kind(
    409,
    true,
    "Este número não está conectado agora.",
    "This number is not connected right now.",
  ),
  REPAIR_IN_PROGRESS: kind(
    409,
    true,
    "A conexão deste número já está sendo reparada.",
    "This number's connection is being repaired already.",
  ),
  QR_PENDING: kind(
    409,
    false,
    "Um QR code já espera a leitura pelo celular.",
    "A QR code is waiting to be scanned already.",
  ),
  RECONNECT_IN_PROGRESS: kind(
    409,
    true,
    "Este número já está sendo reconectado. Aguarde alguns segundos.",
    "This number is being reconnected already. Wait a few seconds.",
  ),
  GATEWAY_NOT_CONFIGURED: kind(
    400,
    false,
    "Informe o servidor Evolution: não há um padrão.",
    "Name the Evolution server: there is no default.",
  ),
  GATEWAY_ADDRESS_REFUSED: kind(
    400,
    false,
    "O endereço do servidor Evolution precisa ser https e público.",
    "The Evolution server's address must be https and public.",
  ),
  GATEWAY_UNREACHABLE: kind(
    502,
    true,
    "O servidor Evolution está fora do ar.",
    "The Evolution server is down.",
  ),
  GATEWAY_UNAUTHORIZED: kind(
    502,
    false,
    "O servidor Evolution recusou a chave de acesso.",
    "The Evolution server refused the access key.",
  ),
  GATEWAY_TIMEOUT: kind(
    504,
    true,
    "O servidor Evolution não respondeu a tempo.",
    "The Evolution server did not answer in time.",
  ),
  GATEWAY_REFUSED: kind(
    502,
    false,
    "O servidor Evolution recusou o pedido.",
    "The Evolution server refused the request.",
  ),
  GATEWAY_ERROR: kind(
    502,
    true,
    "O servidor Evolution deu uma resposta que não se entende.",
    "The Evolution server gave an answer that makes no sense.",
  ),
  INSTANCE_MISSING_AT_GATEWAY: kind(
    409,
    false,
    "Este número não existe mais no servidor Evolution.",
    "This number no longer exists on the Evolution server.",
  ),
} as const satisfies Record<string, ErrorKind>;
