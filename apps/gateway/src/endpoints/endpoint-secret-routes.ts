import { type EndpointRow, findEndpointToShowSecret, rotateEndpointSecret } from "@triggers/db";
import { createSigningSecret } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, timestamp } from "../http/answer-schema.ts";
import type { Operation } from "../http/operation.ts";
import { requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import type { Admit } from "../keys/admission.ts";
import { signingSecret } from "./endpoint-answers.ts";
import { changeOf, idOf, readEndpointBody } from "./endpoint-routes.ts";
import { signingSecretField } from "./endpoint-schemas.ts";
import { requireOk } from "./require-endpoint.ts";
import type { EndpointDeps } from "./save-endpoint.ts";

interface RotateSecretBody {
  overlap_seconds: number;
  signing_secret?: string;
}

const rotateSecretSchema = Joi.object<RotateSecretBody>({
  overlap_seconds: Joi.number()
    .strict()
    .integer()
    .min(0)
    .max(604_800)
    .default(86_400)
    .description("For how long the old secrets go on signing; 0 ends all of them at once."),
  signing_secret: signingSecretField,
});

const secretAnswer = answerSchema({
  signing_secret: signingSecret,
  previous_secret_expires_at: timestamp
    .optional()
    .description("When the last of the old secrets stops signing; left out where none signs."),
});

const getSecretOperation: Operation = {
  id: "getEndpointSecret",
  tag: "Webhooks",
  summary: "Show an endpoint's signing secret",
  description: "The audit log says that it was shown.",
  access: "admin",
  answers: { 200: { description: "The secret that signs.", schema: secretAnswer } },
  problems: ["not_found"],
};

const rotateSecretOperation: Operation = {
  id: "rotateEndpointSecret",
  tag: "Webhooks",
  summary: "Replace an endpoint's signing secret",
  description:
    "During the overlap every request carries a signature by each live secret, so receivers change over when they like. At most five are live.",
  access: "endpoints",
  body: { schema: rotateSecretSchema, isRequired: false },
  answers: { 200: { description: "The new secret, which signs from now on.", schema: secretAnswer } },
  problems: ["not_found", "secret_limit_reached"],
};

export function endpointSecretRoutes(deps: EndpointDeps & { admit: Admit }): Route[] {
  const { db, secretBox } = deps;
  return [
    {
      method: "get",
      path: "/api/endpoints/:id/secret",
      operation: getSecretOperation,
      handlers: [
        deps.admit("admin"),
        async (req, res) => {
          const { endpoint } = requireOk(await findEndpointToShowSecret(db, changeOf(res), idOf(req)));
          const secret = secretBox.open(endpoint.sealed_secret, endpoint.id);
          sendJson(res, 200, { signing_secret: secret, ...previousOf(endpoint) });
        },
      ],
    },
    {
      method: "post",
      path: "/api/endpoints/:id/secret/rotate",
      operation: rotateSecretOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          const id = idOf(req);
          const body = validate(rotateSecretSchema, requireJsonObject(req), "body");
          const secret = body.signing_secret ?? createSigningSecret();
          const rotation = {
            sealedSecret: secretBox.seal(secret, id),
            overlapSeconds: body.overlap_seconds,
          };
          const { endpoint } = requireOk(await rotateEndpointSecret(db, changeOf(res), id, rotation));
          sendJson(res, 200, { signing_secret: secret, ...previousOf(endpoint) });
        },
      ],
    },
  ];
}

/** The newest of the old ones outlives the others. */
function previousOf({ previous_secrets_expire_at: [last] }: EndpointRow) {
  return last !== undefined && last.getTime() > Date.now() ? { previous_secret_expires_at: last } : {};
}
