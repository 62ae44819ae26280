export { registerQueueGauges } from "./queue-gauges.ts";
export { type Consumer, type ConsumerOptions, createConsumer, type ReceivedJob } from "./consumer.ts";
export { createDeliveryQueues, type DeliveryQueues, type DeliveryToEnqueue } from "./delivery-queues.ts";
export { createQueueStats, type QueueStats, type QueueStatsReader } from "./queue-stats.ts";
export {
  createEventQueue,
  type EnqueueResult,
  type EventPriority,
  type EventQueue,
  type EventToEnqueue,
} from "./event-queue.ts";
export { createReplicatedEventQueue, NotReplicatedError } from "./replicated-event-queue.ts";
