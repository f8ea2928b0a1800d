// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/catalog/lockmode.h"
#include "core/pg/qualifiedname.h"

#include <QJsonObject>
#include <QStringList>

#include <vector>

namespace tidemark {

/// What a step may cost somebody else, in one word for the list.
enum class Risk {
    None,   ///< reads only
    Low,    ///< writes, but nobody waits and nothing is lost
    Medium, ///< others may wait for a bounded time
    High,   ///< cannot be taken back, or others may wait for long
};

/// A lock that a step takes, so that a person knows it beforehand and the runner takes it the careful way.
struct StepLock
{
    pg::QualifiedName relation;
    LockMode mode = LockMode::AccessShare;
    friend bool operator==(const StepLock &, const StepLock &) = default;
};

/// How a step's statements and the record of its outcome belong together.
enum class StepTransaction {
    One,  ///< all in one transaction, the record with them: it happened or it did not
    None, ///< the statements refuse a transaction (CONCURRENTLY, CALL): `satisfied` tells afterwards what happened
    Own,  ///< the action commits by itself, piece by piece, each with its record
};

/// A question that must be answered with true: one row, one boolean. Otherwise `otherwise` is what the person reads.
struct Check
{
    QString sql;
    QString otherwise;
    friend bool operator==(const Check &, const Check &) = default;
};

/// One step of a plan: a value that can be shown, written to the database and read back, with the SQL exactly as it will
/// run. What brings it to life is the action named in it (core/plan/action.h).
struct Step
{
    QString name; ///< known by this in the plan and the journal: "create_shadow"
    QString action = QStringLiteral("sql");
    QString title; ///< for people: "Create the partitioned table"
    Risk risk = Risk::Low;
    StepTransaction transaction = StepTransaction::One;
    std::vector<StepLock> locks;
    std::vector<Check> checks; ///< before; a step that fails one has changed nothing
    QStringList statements;
    std::vector<Check> verify; ///< after, in the same transaction where there is one
    QString satisfied;         ///< SELECT of one boolean: is what this step makes there already?
    QStringList cleanup;       ///< removes what a broken attempt left, before the next
    QStringList undo;          ///< empty where there is nothing to take back
    StepTransaction undoTransaction = StepTransaction::One;
    std::vector<StepLock> undoLocks;
    bool pointOfNoReturn = false; ///< once done, what came before cannot be undone either
    bool hold = false;            ///< waits for a person's word before it begins
    int attempts = 3;             ///< of failures that may pass: deadlocks, timeouts
    QJsonObject parameters;       ///< of the action

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<Step> fromJson(const QJsonObject &json);
    friend bool operator==(const Step &, const Step &) = default;
};

[[nodiscard]] QString riskWord(Risk risk);

} // namespace tidemark
