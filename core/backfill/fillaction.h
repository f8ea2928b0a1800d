// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark::backfill {

/// What a filling step needs besides its statements, one of a chunk for each table. Kept in Step::parameters.
struct FillParameters
{
    std::vector<pg::QualifiedName> tables; ///< whose pages are walked
    QStringList isLeft;                    ///< of each: SELECT of one boolean
    QString condition;                     ///< for people
    bool mustEnd = false;                  ///< a filled row of which the condition still holds is an error
    bool mayBeKeptOut = false;             ///< rows are added, and another unique key may refuse some
    pg::QualifiedName kept;                ///< no name: nothing is kept, and nothing can be taken back
    QString takeBack;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<FillParameters> fromJson(const QJsonObject &json);
};

/// "backfill.fill": fills the rows of some tables by ranges of their pages, on several sessions, while others write.
///
/// Each chunk fills what it can have at once: a row that somebody holds is left for the next pass, and so is one that moved to
/// another page. It is done when a pass leaves nothing that the condition still holds of. What was filled is kept, with its
/// key, in the same transaction: so each can be taken back, and none is filled twice where filling does not end the condition.
class FillAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

} // namespace tidemark::backfill
