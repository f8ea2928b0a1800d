// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/plan/run.h"
#include "core/store/confirmation.h"
#include "core/store/historystore.h"
#include "core/store/profile.h"

#include <QCoreApplication>

namespace tidemark {

/// What a person may order of a run.
enum class RunOrder {
    Start,    ///< confirm a plan and drive it
    Pause,    ///< stop at the next boundary
    Cancel,   ///< stop now
    Retune,   ///< other settings while it goes on
    Proceed,  ///< the word that a step waits for: swap, retire
    Resume,   ///< drive it on, from here
    Undo,     ///< take it back, from here; swapping back is that
    Rehearse, ///< run a plan on a scratch copy of its database
};

/// The run, as far as a question about it must name it.
struct RunSubject
{
    QString database;
    qint64 id = 0; ///< 0 for one that is to be started
    QString title;
    QString step;                 ///< of Proceed: the one that waits
    bool pointOfNoReturn = false; ///< … and once done nothing can be taken back
};

/// Orders to runs behind the safety of the profile, the same for window and command line, each written into this
/// workstation's audit. A read-only profile refuses all. Pausing and retuning lose nothing and are not asked about; what
/// starts, ends or cannot be taken back is, on production by typing the database's name. A rehearsal, which makes a database,
/// is always asked about. The calls that take a session run on
/// its thread.
class RunOrders
{
    Q_DECLARE_TR_FUNCTIONS(RunOrders)

public:
    RunOrders(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock);

    /// What to ask first, or nothing. Error: Safety for a read-only profile.
    [[nodiscard]] Result<std::optional<ConfirmationNeeded>> confirmation(RunOrder order,
                                                                         const RunSubject &subject) const;
    /// Whether that was the answer asked for. Error: Safety.
    [[nodiscard]] Status check(RunOrder order, const RunSubject &subject, const Confirmation &answer) const;

    /// Writes the plan down as a new run of the session's database and returns its id; the toolkit's part for runs comes
    /// with the first. Errors: those of check(), Input for a plan of another database, Local without an audit.
    [[nodiscard]] Result<qint64> start(pg::Session &session, const Plan &plan, const RunSettings &settings,
                                       const Confirmation &answer) const;
    /// Asks it of the run's driver, wherever that is. Errors: those of check() and requestOfRun().
    [[nodiscard]] Status request(pg::Session &session, RunOrder order, const RunSubject &subject,
                                 const QJsonObject &detail, const Confirmation &answer) const;

    /// For what is driven from here: written down before it begins and with its outcome. Error: Local.
    [[nodiscard]] Status audit(RunOrder order, const RunSubject &subject, const QString &outcome) const;

private:
    [[nodiscard]] Status write(const QString &database, const QString &statement, const QString &outcome) const;

    Profile m_profile;
    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
};

/// The verb of requestOfRun() and of the audit: "pause", "undo".
[[nodiscard]] QString runOrderVerb(RunOrder order);

/// Whether the plan is for the session's database. Error: Input, naming both.
[[nodiscard]] Status checkPlanTarget(pg::Session &session, const Plan &plan);

/// Writes a confirmed plan down, without asking or audit. Errors: those of checkPlanTarget(), the toolkit and the session.
[[nodiscard]] Result<qint64> createRun(pg::Session &session, const Plan &plan, const RunSettings &settings);

/// "anna@laptop, process 4711": who drives, for others to read.
[[nodiscard]] QString thisDriver();

} // namespace tidemark
