// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/backfilldraft.h"

#include "core/backfill/backfillresult.h"
#include "core/base/units.h"
#include "ui/models/runmodel.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

QList<Figure> BackfillDraft::figures() const
{
    QList<Figure> figures{{tr("≤ %1").arg(units::duration(settings.stallBudget)), tr("longest wait by a lock")}};
    if (table && !spec.adds()) {
        figures << Figure{table->rowEstimate < 0 ? tr("not known") : texts::rowsShort(table->rowEstimate),
                          tr("rows of the table, about")};
    }
    return figures;
}

bool BackfillDraft::hasResult(const RunLook &look) const
{
    return backfill::backfillResultOf(look).waits;
}

ChangeOutcome BackfillDraft::outcomeOf(const LiveRun &run) const
{
    const RunRecord &record = run.look.record;
    const backfill::BackfillResult result = backfill::backfillResultOf(run.look);
    const bool isFilled = result.proven && record.state != RunState::Undone && record.state != RunState::Undoing;
    ChangeOutcome outcome;
    outcome.severity = isFilled && record.state != RunState::Failed ? Severity::Ok : severityOf(record);
    outcome.state = isFilled && result.waits ? tr("Filled") : runStateText(record);
    outcome.sentence = record.state == RunState::Failed    ? record.error
                       : record.state == RunState::Undone  ? tr("Taken back: the rows are what they were, but for "
                                                                 "what others changed since.")
                       : record.state == RunState::Undoing ? tr("It is being taken back.")
                       : !isFilled                         ? tr("The filling is yet to end.")
                       : result.waits
                           ? tr("All rows are filled. Look at what the application says before you let go of "
                                "what it can be undone by.")
                           : tr("Done: all rows are filled.");
    const auto counted = [](const std::optional<qint64> &value) {
        return value ? units::count(*value, QLocale()) : QString();
    };
    OutcomeCard filled{tr("Filled"),
                       {{tr("Rows filled"), counted(result.filled)},
                        {tr("Passes over the table"), counted(result.passes)},
                        {tr("Filling took"), result.fillTook ? units::duration(*result.fillTook) : QString()},
                        {tr("Rows left"), result.proven ? tr("none: proven") : QString()},
                        {tr("NOT NULL"), result.isDeclaredNotNull ? tr("declared") : QString()}}};
    OutcomeCard back{tr("Way back"), {}};
    if (record.state == RunState::Undone)
        back.facts << std::pair(tr("Undo"), tr("All was taken back."));
    else if (result.canBeUndone)
        back.facts << std::pair(tr("Undo"), tr("Until what it can be undone by is let go, which waits for your word."));
    else if (result.isLetGo)
        back.facts << std::pair(tr("Undo"), tr("The old values are let go: there is no way back."));
    else
        back.facts << std::pair(tr("Undo"), tr("The old values were not kept: there is no way back."));
    if (result.keepsUp)
        back.facts << std::pair(tr("Rows written now"), tr("come filled, by a trigger that goes when you let go"));
    outcome.cards = {filled, back};
    return outcome;
}

bool BackfillDraft::takeSpec(const QJsonObject &json)
{
    const auto read = backfill::BackfillSpec::fromJson(json);
    if (read) {
        spec = *read;
        from = spec.from;
    }
    return read.has_value();
}

void BackfillDraft::clearSpec()
{
    from = {};
    spec = {};
    planned.reset();
}

} // namespace tidemark::ui
