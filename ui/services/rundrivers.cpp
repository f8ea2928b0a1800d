// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/rundrivers.h"

#include "core/changes/allactions.h"

#include <QPointer>

#include <algorithm>

namespace tidemark::ui {

namespace {

Runner runnerOf(const pg::ConnInfo &info)
{
    RunnerOptions options;
    options.server = info;
    options.driver = thisDriver();
    return Runner(std::move(options), allActions());
}

QString outcomeOf(const Result<RunResult> &result)
{
    if (!result)
        return result.error().summary();
    if (result->error)
        return result->error->summary();
    switch (result->end) {
    case RunEnd::Succeeded:
        return QStringLiteral("succeeded");
    case RunEnd::Undone:
        return QStringLiteral("undone");
    case RunEnd::Paused:
        return QStringLiteral("paused");
    case RunEnd::Cancelled:
        return QStringLiteral("cancelled");
    case RunEnd::Detached:
        return QStringLiteral("let go");
    case RunEnd::Failed:
        break;
    }
    return QStringLiteral("failed");
}

} // namespace

RunDrivers::RunDrivers(std::shared_ptr<HistoryStore> history, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_history(std::move(history))
    , m_clock(clock)
{
}

RunDrivers::~RunDrivers()
{
    for (Drive &drive : m_drives)
        drive.thread.request_stop();
    m_drives.clear(); // joins
}

bool RunDrivers::isDriving(const RunPlace &place) const
{
    return std::any_of(m_drives.begin(), m_drives.end(), [&](const Drive &drive) { return drive.place == place; });
}

QList<RunPlace> RunDrivers::places() const
{
    QList<RunPlace> places;
    for (const Drive &drive : m_drives)
        places << drive.place;
    return places;
}

void RunDrivers::launch(const RunPlace &place, Work work)
{
    m_drives.push_back({place, {}});
    const auto drive = std::prev(m_drives.end());
    drive->thread = std::jthread([this, drive, work = std::move(work)](const std::stop_token &stop) {
        const auto result = work(stop);
        // Destroying this joins the thread first, so that it is there to be posted to.
        QMetaObject::invokeMethod(
            this,
            [this, drive, result]() {
                const RunPlace place = drive->place;
                m_drives.erase(drive);
                Q_EMIT changed();
                Q_EMIT ended(place, result ? result->error : std::optional(result.error()));
            },
            Qt::QueuedConnection);
    });
    Q_EMIT changed();
}

void RunDrivers::start(const ServerAccess &access, const QString &database, const Plan &plan,
                       const RunSettings &settings, const Confirmation &answer, QObject *receiver,
                       std::function<void(const Result<qint64> &)> started)
{
    const auto told = [this, receiver = QPointer<QObject>(receiver), started = std::move(started),
                       place = RunPlace{access.profile.name, database, 0}](const Result<qint64> &id) {
        QMetaObject::invokeMethod(
            this,
            [this, receiver, started, place, id]() {
                const auto mine = std::find_if(m_drives.begin(), m_drives.end(),
                                               [&](const Drive &drive) { return drive.place == place; });
                if (id && mine != m_drives.end())
                    mine->place.id = *id;
                Q_EMIT changed();
                if (receiver)
                    started(id);
            },
            Qt::QueuedConnection);
    };
    launch({access.profile.name, database, 0},
           [orders = RunOrders(access.profile, m_history, m_clock), info = connInfoOf(access, database), plan, settings,
            answer, told](std::stop_token stop) -> Result<RunResult> {
               const auto created = [&]() -> Result<qint64> {
                   pg::SessionOptions options;
                   options.applicationName = QStringLiteral("tidemark");
                   options.readOnly = false;
                   TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
                   return orders.start(session, plan, settings, answer);
               }();
               told(created);
               if (!created)
                   return fail(created.error());
               const RunSubject subject{plan.target.database, *created, plan.title, {}, false};
               auto result = runnerOf(info).run(*created, stop);
               static_cast<void>(orders.audit(RunOrder::Resume, subject, outcomeOf(result)));
               return result;
           });
}

void RunDrivers::resume(const ServerAccess &access, const RunSubject &subject, const Confirmation &answer)
{
    drive(access, RunOrder::Resume, subject, answer);
}

void RunDrivers::undo(const ServerAccess &access, const RunSubject &subject, const Confirmation &answer)
{
    drive(access, RunOrder::Undo, subject, answer);
}

void RunDrivers::drive(const ServerAccess &access, RunOrder order, const RunSubject &subject,
                       const Confirmation &answer)
{
    launch({access.profile.name, subject.database, subject.id},
           [orders = RunOrders(access.profile, m_history, m_clock), info = connInfoOf(access, subject.database), order,
            subject, answer](std::stop_token stop) -> Result<RunResult> {
               TIDEMARK_CHECK(orders.check(order, subject, answer));
               TIDEMARK_CHECK(orders.audit(order, subject, QStringLiteral("begun")));
               Runner runner = runnerOf(info);
               auto result = order == RunOrder::Undo ? runner.undo(subject.id, stop) : runner.run(subject.id, stop);
               static_cast<void>(orders.audit(order, subject, outcomeOf(result)));
               return result;
           });
}

} // namespace tidemark::ui
