import type { ObjectSchema } from "joi";
import type { Answer, Operation } from "../http/operation.ts";
import {
  detailedHealthAnswer,
  healthAnswer,
  liveAnswer,
  notReadyAnswer,
  readyAnswer,
  welcomeAnswer,
} from "./health-answers.ts";

const probe = (
  id: string,
  summary: string,
  schema: ObjectSchema,
  more: Record<number, Answer> = {},
): Operation => ({
  id,
  tag: "Operations",
  summary,
  access: "public",
  answers: { 200: { description: "It does.", schema }, ...more },
});

export const welcomeOperation = probe("getWelcome", "Show name, version and links", welcomeAnswer);
export const healthOperation = probe("getHealth", "Show that the process answers", healthAnswer);
export const apiHealthOperation = probe(
  "getApiHealth",
  "Show that the process answers, under /api",
  healthAnswer,
);
export const detailedHealthOperation = probe(
  "getDetailedHealth",
  "Show what the process depends on",
  detailedHealthAnswer,
);
export const livenessOperation = probe(
  "getLiveness",
  "Tell whether the process must be restarted",
  liveAnswer,
);
export const readinessOperation = probe(
  "getReadiness",
  "Tell whether the process wants traffic",
  readyAnswer,
  {
    503: {
      description:
        "Starting, draining, unsafe (clock, Redis' durability), or without any of its dependencies.",
      schema: notReadyAnswer,
    },
  },
);
