export { registerQueueGauges } from "./queue-gauges.ts";
export { type Consumer, type ConsumerOptions, createConsumer, type ReceivedJob } from "./consumer.ts";
export {
  createDeliveryQueues,
  type DeliveryQueues,
  type DeliveryToEnqueue,
  type RequestedDelivery,
} from "./delivery-queues.ts";
export { createQueueStats, type QueueStats, type QueueStatsReader } from "./queue-stats.ts";
export {
  createEventQueue,
  type EnqueueResult,
  type EventPriority,
  type EventQueue,
  type EventToEnqueue,
} from "./event-queue.ts";
export { createReplayQueue, type ReplayQueue } from "./replay-queue.ts";
export {
  createWakeUpPublisher,
  type PublishWakeUps,
  subscribeToWakeUps,
  type WakeUp,
  type WakeUpSubscription,
} from "./wake-ups.ts";
export {
  createTestAnswers,
  createTestRequests,
  decodeTestJob,
  type TestAnswer,
  type TestAnswers,
  type TestJob,
  testQueueName,
  type TestRequests,
} from "./test-queue.ts";
export { createReplicatedEventQueue, NotReplicatedError } from "./replicated-event-queue.ts";
export {
  registeredShards,
  registerShardsOrExit,
  shardCountKey,
  type ShardRegistration,
} from "./shards/register-shards.ts";
export { createShardedDeliveryQueues } from "./shards/sharded-delivery-queues.ts";
export { createShardedEventQueue } from "./shards/sharded-event-queue.ts";
export { createShardedQueueStats } from "./shards/sharded-queue-stats.ts";
export { partOf, shardPrefixes } from "./shards/shards.ts";
