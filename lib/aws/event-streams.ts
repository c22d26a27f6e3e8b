/**
 * What the AWS SDK's client of Lambda takes from its codec of event streams, which it needs for streaming operations alone:
 * no function here calls one. In a bundle this takes the place of `@smithy/core/event-streams` (`alias` in serverless.yml).
 */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

/** Never called. */
export const eventStreamSerdeProvider = undefined;
