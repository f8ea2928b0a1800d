// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tablecandidates.h"
#include "core/plan/plan.h"
#include "ui/models/roles.h"
#include "ui/services/rundrivers.h"
#include "ui/services/runfollower.h"

namespace tidemark::ui {

/// Something measured or promised, and what it is: "≤ 60 ms", "longest wait by the swap".
struct Figure
{
    QString value;
    QString what;
};

/// A card of the Result step; a fact without a value was not measured, or is not of this change.
struct OutcomeCard
{
    QString title;
    QList<std::pair<QString, QString>> facts;
};

/// What a run has come to, from its own records.
struct ChangeOutcome
{
    Severity severity = Severity::Notice;
    QString state;
    QString sentence;
    QList<OutcomeCard> cards; ///< the first stands alone on the left
};

/// What a wizard has been told so far, and what the steps that all wizards share must know of its kind of change. A wizard's
/// steps fill it in. It reaches no server. GUI thread only.
class ChangeDraft
{
public:
    ChangeDraft() = default;
    virtual ~ChangeDraft() = default;
    ChangeDraft(const ChangeDraft &) = delete;
    ChangeDraft &operator=(const ChangeDraft &) = delete;

    QString server;
    QString database;
    std::optional<TableCandidate> table;
    bool hasTimescale = false; ///< that database has TimescaleDB
    RunSettings settings;
    std::optional<RunPlace> run;

    /// Of exactly what was asked for; null until there is one.
    [[nodiscard]] virtual const Plan *plan() const = 0;
    /// The few numbers that decide whether a person confirms.
    [[nodiscard]] virtual QList<Figure> figures() const = 0;
    /// Whether there is something to tell of the run, though it may go on.
    [[nodiscard]] virtual bool hasResult(const RunLook &look) const = 0;
    [[nodiscard]] virtual ChangeOutcome outcomeOf(const LiveRun &run) const = 0;

    /// What was asked for as JSON, for the next window; and back. False: that is none of this kind.
    [[nodiscard]] virtual QJsonObject specJson() const = 0;
    [[nodiscard]] virtual bool takeSpec(const QJsonObject &json) = 0;
    /// The table that the spec names; no name: none yet.
    [[nodiscard]] virtual pg::QualifiedName target() const = 0;
    /// Forgets all that was asked for, the database aside.
    void clear()
    {
        table.reset();
        run.reset();
        clearSpec();
    }

private:
    virtual void clearSpec() = 0;
};

} // namespace tidemark::ui
