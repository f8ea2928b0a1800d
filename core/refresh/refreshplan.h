// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/plan.h"
#include "core/plan/stepwaits.h"
#include "core/refresh/refreshchoice.h"
#include "core/store/historystore.h"

namespace tidemark::refresh {

/// One refresh of a plan.
struct RefreshItem
{
    quint32 oid = 0;
    pg::QualifiedName name;
    RefreshableKind kind = RefreshableKind::MaterializedView;
    RefreshChoice choice;
    QString statement;                      ///< of statementOf()
    std::vector<pg::QualifiedName> sources; ///< relations that it reads
    std::vector<int> after;                 ///< the places of what it reads and what is refreshed too
    bool isAskedFor = true;                 ///< otherwise it comes with what it reads
    bool isEmpty = false;                   ///< holds no data now
    std::optional<Millis> expected;         ///< the middle of what it took before
    qint64 bytes = 0;                       ///< of its heap, about; 0: not counted
};

/// What will be refreshed, in an order that works, with the exact SQL: a value. Making one changes nothing. What was
/// confirmed is the fingerprint of asPlan(); RefreshRun refuses any other.
struct RefreshPlan
{
    PlanTarget target;
    RefreshSpec spec;
    std::vector<RefreshItem> items; ///< each after all that it reads
    QStringList notes;              ///< what to know before confirming

    /// "Refresh public.sales", "Refresh 12 of database shop"
    [[nodiscard]] QString title() const;
    /// As all plans are shown, kept and confirmed. It is carried out by RefreshRun, which writes nothing down in the database.
    [[nodiscard]] Plan asPlan() const;
    /// All of it for people, the SQL exactly as it will run.
    [[nodiscard]] QString preview() const;
    /// The places of what will not be refreshed, itself.
    [[nodiscard]] std::vector<int> obstructed() const;
    /// Those for which it is only that nobody accepted the lock.
    [[nodiscard]] std::vector<int> toBeAccepted() const;
    /// How long all of it takes, where that is known of each.
    [[nodiscard]] std::optional<Millis> expected() const;
    [[nodiscard]] std::vector<std::vector<int>> after() const;
    [[nodiscard]] std::vector<std::optional<Millis>> expectations() const;
};

/// Makes the plan from the catalogue as it is now; `history` tells how long each took before and may be null. Errors: Input
/// for a spec that makes no sense and for a name that several have; Missing for one that nothing refreshable has; those of
/// the session.
[[nodiscard]] Result<RefreshPlan> planRefresh(pg::Session &session, const RefreshSpec &spec,
                                              const HistoryStore *history = nullptr, std::stop_token stop = {});

/// What each refresh would wait for if it began now, and who would queue behind it. Locks on what it reads are listed where
/// somebody stands in the way alone. Takes no lock itself.
[[nodiscard]] Result<std::vector<StepWait>> whatRefreshWaitsFor(pg::Session &session, const RefreshPlan &plan,
                                                                std::stop_token stop = {});

/// The locks that it takes on itself and on what it reads.
[[nodiscard]] std::vector<StepLock> locksOf(const RefreshItem &item);

} // namespace tidemark::refresh
