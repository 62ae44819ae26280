import Joi from "joi";
import type { Operation } from "../http/operation.ts";
import { cacheStatsAnswer, queuesAnswer, queueStatsAnswer } from "./operation-answers.ts";

const answer = (description: string, schema: Joi.Schema) => ({ 200: { description, schema } });

export const getCacheStatsOperation: Operation = {
  ...{ id: "getCacheStats", tag: "Operator", access: "operator" },
  summary: "How well this process's cache of API keys works",
  answers: answer("Counted since the process began", cacheStatsAnswer),
};

export const getQueueStatsOperation: Operation = {
  ...{ id: "getQueueStats", tag: "Operator", access: "operator" },
  summary: "The events that are accepted and not persisted yet",
  answers: answer("The queue of events", queueStatsAnswer),
  problems: ["queue_unavailable"],
};

export const listQueuesOperation: Operation = {
  ...{ id: "listQueues", tag: "Operator", access: "operator" },
  summary: "All queues",
  answers: answer("Every queue, by state", queuesAnswer),
  problems: ["queue_unavailable"],
};

export const getMetricsOperation: Operation = {
  ...{ id: "getMetrics", tag: "Operations", access: "public" },
  summary: "Figures for Prometheus, unless they have a port of their own",
  answers: { 200: { description: "Text format 0.0.4", schema: Joi.string(), mediaType: "text/plain" } },
};
