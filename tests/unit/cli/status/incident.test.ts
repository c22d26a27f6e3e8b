import { byKey, incidentOf } from '../../../../cli/status/incident.ts';
import { addAsking, type Tally } from '../../../../cli/status/tally.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';
import { named } from '../../../testing/digests.ts';
import { newIncident } from '../../../testing/gate.ts';

test('the attempts of a mute are those of its callers, also by who issued their session', () => {
  const secret = named('a');
  const session = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_01/alice';
  const issuerArn = 'arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_01';
  const tally: Tally = new Map();
  const asking = { callerName: 'x', time: NOW };
  addAsking(tally, { ...asking, callerKey: session }, 1000);
  addAsking(tally, { ...asking, callerKey: session, issuerArn }, 1000);
  addAsking(tally, { ...asking, callerKey: 'arn:aws:iam::111122223333:role/b' }, 1000);
  const mute = { id: 'm', by: 'bob', reason: 'known', from: addDays(NOW, -1) };
  const mutes = [{ ...mute, caller: issuerArn }, { ...mute, caller: '*:role/b' }, { ...mute }];
  const incidents = byKey([{ ...newIncident(secret), mutes }]);
  const found = incidentOf(secret, addDays(NOW, -2), incidents, tally, NOW);
  expect(found?.mutes.map(({ attempts }) => attempts)).toEqual([2, 1, 3]);
});
