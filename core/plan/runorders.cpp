// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runorders.h"

#include "core/plan/journal.h"
#include "core/plan/toolkit.h"

#include <QJsonDocument>
#include <QSysInfo>

#include <unistd.h>

namespace tidemark {

RunOrders::RunOrders(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock)
    : m_profile(std::move(profile))
    , m_history(std::move(history))
    , m_clock(clock)
{
}

Result<std::optional<ConfirmationNeeded>> RunOrders::confirmation(RunOrder order, const RunSubject &subject) const
{
    if (m_profile.safety == Safety::ReadOnly) {
        return fail(Error::safety(tr("The profile %1 is read-only: runs are watched, not driven.").arg(m_profile.name),
                                  tr("Set the profile's safety to \"confirm\" or \"free\" to allow it.")));
    }
    if (order == RunOrder::Pause || order == RunOrder::Retune)
        return std::optional<ConfirmationNeeded>{};
    const bool canBeTakenBack = order != RunOrder::Undo && order != RunOrder::Rehearse && !subject.pointOfNoReturn;
    if (m_profile.safety == Safety::Free && canBeTakenBack)
        return std::optional<ConfirmationNeeded>{};
    const QString place = tr("database %1 of %2").arg(subject.database, m_profile.name);
    ConfirmationNeeded needed;
    switch (order) {
    case RunOrder::Start:
        needed.text = tr("Run “%1” in %2? Tidemark remembers the run in schema tidemark of that database.")
                          .arg(subject.title, place);
        break;
    case RunOrder::Proceed:
        needed.text =
            subject.pointOfNoReturn
                ? tr("Do “%1” of “%2” in %3? It cannot be taken back, and nothing before it can.")
                      .arg(subject.step, subject.title, place)
                : tr("Do “%1” of “%2” in %3 now? It can be taken back.").arg(subject.step, subject.title, place);
        break;
    case RunOrder::Resume:
        needed.text = tr("Go on with “%1” in %2, driven from here?").arg(subject.title, place);
        break;
    case RunOrder::Undo:
        needed.text =
            tr("Take “%1” in %2 back, the last step first? What it made is removed.").arg(subject.title, place);
        break;
    case RunOrder::Cancel:
        needed.text = tr("Stop “%1” in %2 now? The statement under way is cancelled; the run can be resumed or undone.")
                          .arg(subject.title, place);
        break;
    case RunOrder::Rehearse:
        needed.text =
            tr("Rehearse “%1”? A scratch database is made on the server of %2: the same schema and about 10,000 "
               "rows of each table that the plan is about. The plan runs there to its end, then the scratch "
               "database goes. The original is only read.")
                .arg(subject.title, place);
        break;
    case RunOrder::Pause:
    case RunOrder::Retune:
        break;
    }
    if (m_profile.environment == Environment::Production && order != RunOrder::Cancel)
        needed.typedWord = subject.database;
    return std::optional(needed);
}

Status RunOrders::check(RunOrder order, const RunSubject &subject, const Confirmation &answer) const
{
    TIDEMARK_TRY(const auto needed, confirmation(order, subject));
    if (!needed)
        return {};
    if (!answer.given)
        return fail(Error::safety(tr("Not done: it was not confirmed."), needed->text));
    if (!needed->typedWord.isEmpty() && answer.typed.trimmed() != needed->typedWord)
        return fail(Error::safety(tr("Not done: the typed word is not \"%1\".").arg(needed->typedWord), needed->text));
    return {};
}

Status RunOrders::write(const QString &database, const QString &statement, const QString &outcome) const
{
    if (!m_history) {
        return fail(
            Error::local(tr("the local store is not open"),
                         tr("What changes a server is written down first: mend the store, or use tidemarkctl.")));
    }
    AuditEntry entry;
    entry.at = m_clock.now();
    entry.profile = m_profile.name;
    entry.database = database;
    entry.statement = statement;
    entry.outcome = outcome;
    return m_history->addAudit(entry);
}

Status RunOrders::audit(RunOrder order, const RunSubject &subject, const QString &outcome) const
{
    const QString what = order == RunOrder::Rehearse ? subject.title : QStringLiteral("run %1").arg(subject.id);
    return write(subject.database, QStringLiteral("%1 %2").arg(runOrderVerb(order), what), outcome);
}

Result<qint64> RunOrders::start(pg::Session &session, const Plan &plan, const RunSettings &settings,
                                const Confirmation &answer) const
{
    TIDEMARK_CHECK(check(RunOrder::Start, {session.database(), 0, plan.title, {}, false}, answer));
    TIDEMARK_CHECK(write(session.database(), plan.preview(), QStringLiteral("begun")));
    const auto id = createRun(session, plan, settings);
    TIDEMARK_CHECK(write(session.database(), plan.preview(),
                         id ? QStringLiteral("confirmed as run %1").arg(*id) : id.error().summary()));
    return id;
}

Status RunOrders::request(pg::Session &session, RunOrder order, const RunSubject &subject, const QJsonObject &detail,
                          const Confirmation &answer) const
{
    TIDEMARK_CHECK(check(order, subject, answer));
    if (order == RunOrder::Proceed) {
        // Somebody else may have said the word meanwhile, and what waits now may have no way back.
        TIDEMARK_TRY(const RunRecord now, readRunRecord(session, subject.id));
        if (now.currentStep != subject.step) {
            return fail(Error::input(tr("Not done: run %1 does not wait at “%2” any more, but stands at “%3”.")
                                         .arg(subject.id)
                                         .arg(subject.step, now.currentStep)));
        }
    }
    TIDEMARK_CHECK(audit(order, subject, QStringLiteral("begun")));
    const Status asked = requestOfRun(session, subject.id, runOrderVerb(order), detail);
    TIDEMARK_CHECK(audit(order, subject, asked ? QStringLiteral("asked") : asked.error().summary()));
    return asked;
}

QString runOrderVerb(RunOrder order)
{
    switch (order) {
    case RunOrder::Start:
        return QStringLiteral("start");
    case RunOrder::Pause:
        return QStringLiteral("pause");
    case RunOrder::Cancel:
        return QStringLiteral("cancel");
    case RunOrder::Retune:
        return QStringLiteral("retune");
    case RunOrder::Proceed:
        return QStringLiteral("proceed");
    case RunOrder::Resume:
        return QStringLiteral("resume");
    case RunOrder::Undo:
        return QStringLiteral("undo");
    case RunOrder::Rehearse:
        return QStringLiteral("rehearse");
    }
    return {};
}

Status checkPlanTarget(pg::Session &session, const Plan &plan)
{
    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session));
    if (PlanTarget::of(capabilities).isSame(plan.target))
        return {};
    return fail(
        Error::input(QStringLiteral("the plan is for database %1 of the server with system identifier %2, and this is "
                                    "%3 of %4")
                         .arg(plan.target.database, plan.target.systemIdentifier, capabilities.database,
                              capabilities.systemIdentifier)));
}

Result<qint64> createRun(pg::Session &session, const Plan &plan, const RunSettings &settings)
{
    TIDEMARK_CHECK(checkPlanTarget(session, plan));
    TIDEMARK_CHECK(applyToolkit(session, QStringLiteral("runs"), true));
    return Journal::create(session, plan, settings);
}

QString thisDriver()
{
    return QStringLiteral("%1@%2, process %3")
        .arg(qEnvironmentVariable("USER", QStringLiteral("uid %1").arg(getuid())), QSysInfo::machineHostName())
        .arg(QCoreApplication::applicationPid());
}

} // namespace tidemark
