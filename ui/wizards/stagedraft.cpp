// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/stagedraft.h"

#include "core/base/units.h"
#include "core/stage/stageresult.h"
#include "ui/models/runmodel.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

namespace {

using Facts = QList<std::pair<QString, QString>>;

QString counted(const std::optional<qint64> &value)
{
    return value ? units::count(*value, QLocale()) : QString();
}

QString length(const std::optional<Millis> &value)
{
    return value ? units::duration(*value) : QString();
}

Facts proofOf(const stage::StageResult &result)
{
    return {{StageDraft::tr("Rows copied"), counted(result.copiedRows)},
            {StageDraft::tr("Copy took"), length(result.copyTook)},
            {StageDraft::tr("Rows proven equal"), counted(result.provenRows)},
            {StageDraft::tr("Checksum"), result.checksum},
            {StageDraft::tr("Rounds until equal"), counted(result.proofRounds)},
            {StageDraft::tr("Proof took"), length(result.proofTook)},
            {StageDraft::tr("Indexes, grants, triggers …"),
             result.fidelityProven ? StageDraft::tr("all compared with the old table's") : QString()}};
}

Facts swapOf(const stage::StageResult &result, const RunSettings &settings)
{
    return {{StageDraft::tr("Swapped"), result.swappedAt
                                            ? texts::absolute(*result.swappedAt).section(QLatin1Char('\n'), 0, 0)
                                            : StageDraft::tr("not yet")},
            {StageDraft::tr("Nobody waited longer than"), length(result.longestStall())},
            {StageDraft::tr("Stall budget"), length(settings.stallBudget)},
            {StageDraft::tr("Locks were held"), length(result.locksHeld)},
            {StageDraft::tr("Changes applied under them"), counted(result.drained)}};
}

Facts wayBackOf(const stage::StageResult &result, const LiveRun &run)
{
    QString way;
    if (result.isRetired)
        way = StageDraft::tr("The old table is let go: there is no way back.");
    else if (result.canSwapBack(run.look.record))
        way = StageDraft::tr(
            "Until the old table is let go, which waits for your word. It is kept in step with the new one.");
    else if (run.look.record.state == RunState::Undone)
        way = StageDraft::tr("All was taken back.");
    else
        way = StageDraft::tr("Nothing was swapped: Undo removes what was made.");
    Facts facts{{StageDraft::tr("Swap back"), way}};
    if (run.lag && result.swappedAt)
        facts << std::pair(StageDraft::tr("Old table is behind by"),
                           StageDraft::tr("%n changed key(s)", nullptr, static_cast<int>(run.lag->pending)));
    return facts;
}

} // namespace

const Plan *StageDraft::plan() const
{
    return preview && preview->planned.plan ? &*preview->planned.plan : nullptr;
}

QList<Figure> StageDraft::figures() const
{
    if (!preview)
        return {};
    return {{tr("≤ %1").arg(units::duration(settings.stallBudget)), tr("longest wait by the swap")},
            {tr("about %1").arg(units::bytes(preview->planned.diskNeeded, QLocale())),
             tr("disk, until the old table goes")}};
}

bool StageDraft::hasResult(const RunLook &look) const
{
    return stage::stageResultOf(look).swappedAt.has_value();
}

ChangeOutcome StageDraft::outcomeOf(const LiveRun &run) const
{
    const RunRecord &record = run.look.record;
    const stage::StageResult result = stage::stageResultOf(run.look);
    const bool isSwapped = result.swappedAt && record.state != RunState::Undone;
    ChangeOutcome outcome;
    outcome.severity = isSwapped && record.state != RunState::Failed ? Severity::Ok : severityOf(record);
    outcome.state = result.swappedAt && record.waitsForWord() ? tr("Swapped") : runStateText(record);
    outcome.sentence = record.state == RunState::Failed ? record.error
                       : result.isRetired && record.isOver()
                           ? tr("Done: the new table has taken the old one's place for good.")
                       : isSwapped
                           ? tr("The new table answers under the old name. Look at what the application says before "
                                "you let the old one go.")
                       : record.state == RunState::Undone ? tr("Taken back: the table is what it was.")
                                                          : tr("The swap is yet to come.");
    outcome.cards = {{tr("Proof"), proofOf(result)},
                     {tr("Swap"), swapOf(result, run.look.settings)},
                     {tr("Way back"), wayBackOf(result, run)}};
    return outcome;
}

bool StageDraft::takeSpec(const QJsonObject &json)
{
    const auto read = stage::StageSpec::fromJson(json);
    if (read)
        spec = *read;
    return read.has_value();
}

void StageDraft::clearSpec()
{
    spec = {};
    preview.reset();
}

} // namespace tidemark::ui
