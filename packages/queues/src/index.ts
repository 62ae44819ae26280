export { type Consumer, type ConsumerOptions, createConsumer, type ReceivedJob } from "./consumer.ts";
export { createDeliveryQueues, type DeliveryQueues, type DeliveryToEnqueue } from "./delivery-queues.ts";
export { createEventQueue, type EnqueueResult, type EventQueue, type EventToEnqueue } from "./event-queue.ts";
