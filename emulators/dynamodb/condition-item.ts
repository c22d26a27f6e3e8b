import db from 'dynalite/db/index.js';
import updateItem from 'dynalite/validations/updateItem.js';

/**
 * Teaches dynalite what it lacks: an UpdateItem whose condition does not hold returns the item, where asked to.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */
export function returnConditionItems(): void {
  const { checkConditional } = db;
  updateItem.types.ReturnValuesOnConditionCheckFailure = {
    type: 'String',
    enum: ['ALL_OLD', 'NONE'],
  };
  db.checkConditional = (request, item) => {
    const failure = checkConditional(request, item);
    const isAsked = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    if (failure && item && isAsked) failure.body.Item = item;
    return failure;
  };
}
