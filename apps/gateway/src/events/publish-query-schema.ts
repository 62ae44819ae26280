import Joi from "joi";

export const publishQuerySchema = Joi.object<{ on_duplicate: "refuse" | "accept" }>({
  on_duplicate: Joi.string()
    .valid("refuse", "accept")
    .default("refuse")
    .description("Whether a `dedup_id` that was seen before answers 409 or 202; both name the first event."),
});
