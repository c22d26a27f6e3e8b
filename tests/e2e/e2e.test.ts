// In this order: scenarios that need the same settings share a deployment.
import './scenarios/deployment.ts';
import './scenarios/canary-deployment.ts'; // before the doctor, who needs what is missing
import './scenarios/doctor.ts';
import './scenarios/contract.ts';
import './scenarios/permissions.ts';
import './scenarios/event-patterns.ts';
import './scenarios/canary-events.ts';
import './scenarios/canary-alarms.ts';
import './scenarios/gone.ts'; // before reads in vain make the function cache what is deleted
import './scenarios/attempts.ts';
import './scenarios/ledger.ts';
import './scenarios/repeats.ts';
import './scenarios/mute.ts';
import './scenarios/clash.ts';
import './scenarios/alarm.ts';
import './scenarios/trail-path.ts';
import './scenarios/spokes.ts';
import './scenarios/dead-letters.ts';
import './scenarios/auto-cancel-off.ts';
import './scenarios/status.ts';
import './scenarios/spokes-operators.ts';
import './scenarios/drill.ts';
import './scenarios/operators.ts';
import './scenarios/update.ts';
import './scenarios/auto-cancel-tagged.ts';
import './scenarios/auto-cancel-spoke.ts';
import './scenarios/trail.ts';
import './scenarios/auto-cancel-all.ts';
import './scenarios/channels.ts';
import './scenarios/release.ts'; // last, because it takes away what the others share
