import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type GetTrailStatusCommandOutput,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { UnreadableError } from '../unreadable.ts';
import { ask } from './ask.ts';

/** A trail that is at work in this Region, wherever it was made, and what it does. */
export interface TrailFacts {
  readonly trail: Trail;
  readonly status: GetTrailStatusCommandOutput | UnreadableError;
  readonly selectors: GetEventSelectorsCommandOutput | UnreadableError;
}

/**
 * All trails that are at work in this Region: those of other Regions and of the organization too, which are known by
 * their ARN only: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html. A member of an
 * organization may not be let see what its trail is told to log, so what cannot be read of one does not hide the others.
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readTrails(client: CloudTrailClient): Promise<TrailFacts[]> {
  const { trailList = [] } = await ask(
    'cloudtrail:DescribeTrails',
    client.send(new DescribeTrailsCommand({ includeShadowTrails: true })),
  );
  return Promise.all(
    trailList.map(async (trail) => {
      const arn = trail.TrailARN;
      const [status, selectors] = await Promise.all([
        readable(
          ask('cloudtrail:GetTrailStatus', client.send(new GetTrailStatusCommand({ Name: arn }))),
        ),
        readable(
          ask(
            'cloudtrail:GetEventSelectors',
            client.send(new GetEventSelectorsCommand({ TrailName: arn })),
          ),
        ),
      ]);
      return { trail, status, selectors };
    }),
  );
}

const readable = <Answer>(answer: Promise<Answer>): Promise<Answer | UnreadableError> =>
  answer.catch((error: unknown) => {
    if (error instanceof UnreadableError) return error;
    throw error;
  });
