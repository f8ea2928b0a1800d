// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/transaction.h"
#include "core/plan/run.h"

namespace tidemark {

/// What was asked of a run by requestOfRun().
struct RunRequest
{
    qint64 id = 0;
    QString verb;
    QJsonObject detail;
    QString requestedBy;
};

/// The writing half of a run's memory, in the hands of its one driver.
///
/// Each driver that attaches raises the run's fencing token. Every write first locks the token FOR SHARE and finds it
/// unchanged; so the raise waits until the transactions of an earlier driver have ended, and none of its later ones can
/// commit anything. A journal is a value; its calls may be made on any session of the run, each on that session's thread.
class Journal
{
public:
    /// Writes a confirmed plan down as a new run and returns its id. Needs the toolkit.
    [[nodiscard]] static Result<qint64> create(pg::Session &session, const Plan &plan, const RunSettings &settings);

    /// Becomes the driver: takes the advisory lock, which `control` holds from now on, and raises the token. Errors: Conflict
    /// where another driver holds it, naming it; LockTimeout where an earlier driver's transaction still runs.
    [[nodiscard]] static Result<Journal> attach(pg::Session &control, qint64 run, const QString &driver,
                                                std::stop_token stop);

    [[nodiscard]] qint64 run() const { return m_run; }

    /// To be called first in every transaction that changes something for the run. Error: Conflict where another drives it.
    [[nodiscard]] Status guard(pg::Transaction &transaction) const;

    [[nodiscard]] Status setState(pg::Session &session, RunState state, const std::optional<Error> &error = {}) const;
    [[nodiscard]] Status setSettings(pg::Session &session, const RunSettings &settings) const;
    [[nodiscard]] Status stepStarted(pg::Session &session, int ordinal) const;
    [[nodiscard]] Status stepWaits(pg::Session &session, int ordinal) const;
    [[nodiscard]] Status stepFailed(pg::Session &session, int ordinal, const Error &error) const;
    [[nodiscard]] Status setRowsTotal(pg::Session &session, int ordinal, qint64 rows) const;
    /// Records the end of a step in the very transaction that did it.
    [[nodiscard]] Status stepDone(pg::Transaction &transaction, int ordinal, const StepOutcome &outcome) const;
    [[nodiscard]] Status stepDone(pg::Session &session, int ordinal, const StepOutcome &outcome) const;
    /// Whether a word for this step was heard by a driver whose connection broke before the step began: it counts still.
    [[nodiscard]] Result<bool> hasWord(pg::Session &session, int ordinal) const;
    /// An event with what the transaction holds on relations, the toolkit's and the catalogue's left out.
    [[nodiscard]] Status recordLocks(pg::Transaction &transaction, int ordinal) const;
    [[nodiscard]] Status stepUndone(pg::Transaction &transaction, int ordinal) const;
    [[nodiscard]] Status stepUndone(pg::Session &session, int ordinal) const;
    [[nodiscard]] Status event(pg::Session &session, std::optional<int> step, const QString &kind, const QString &text,
                               const QJsonObject &detail = {}) const;

    [[nodiscard]] Result<bool> hasRequests(pg::Session &session, std::stop_token stop = {}) const;
    /// Those not taken yet, oldest first; they count as taken once the transaction has committed.
    [[nodiscard]] Result<std::vector<RunRequest>> takeRequests(pg::Transaction &transaction,
                                                               std::stop_token stop = {}) const;

    [[nodiscard]] qint64 token() const { return m_token; }

    /// "WITH fence AS (…)" for a statement whose $1 is the run and $2 the token: it finds nothing where another drives.
    [[nodiscard]] static QByteArray fence();
    /// The Conflict error of a write that the fence kept out.
    [[nodiscard]] Error drivenByAnother() const;

private:
    Journal(qint64 run, qint64 token);
    /// Runs a write that begins with fence() and touches at least one row where the fence is open.
    template<typename Executor>
    Status write(Executor &executor, const QByteArray &sql, pg::Params values) const;

    qint64 m_run;
    qint64 m_token;
};

} // namespace tidemark
