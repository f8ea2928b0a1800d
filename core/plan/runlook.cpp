// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runlook.h"

#include "core/base/units.h"
#include "core/pg/sqllibrary.h"

#include <QJsonDocument>

#include <algorithm>
#include <array>

namespace tidemark {

namespace {

constexpr std::size_t mostEvents = 2'000;
constexpr Millis lookDeadline{10'000};
/// A run journals on two sessions, so that an entry may appear after one with a higher number.
constexpr qint64 overlap = 64;
constexpr std::chrono::seconds lockToldWithin{15};

const StepRecord *stepIn(const RunLook &look, std::initializer_list<StepState> states)
{
    const auto found = std::find_if(look.steps.begin(), look.steps.end(), [&](const StepRecord &step) {
        return std::find(states.begin(), states.end(), step.state) != states.end();
    });
    return found == look.steps.end() ? nullptr : &*found;
}

/// The journal's last word of waiting for a lock of this step, where nothing was told of it since. Who waits for a lock says
/// so again every few seconds; a swap says once what snapshots it waits for, and takes no time once it has its locks.
QString lockText(const RunLook &look, const StepRecord &step)
{
    const bool swaps = step.name == QLatin1String("swap");
    for (auto event = look.events.rbegin(); event != look.events.rend(); ++event) {
        if (event->step != step.ordinal)
            continue;
        const bool isLock = event->kind == QLatin1String("lock");
        return isLock && (swaps || look.now - event->at < lockToldWithin) ? event->text : QString();
    }
    return {};
}

QString backendText(const RunBackend &backend, Instant now)
{
    QStringList blockers;
    for (const qint64 pid : backend.blockedBy)
        blockers << QString::number(pid);
    QString text = QStringLiteral("session %1 waits for a lock (%2)").arg(backend.pid).arg(backend.waitEvent);
    if (backend.queryStart)
        text += QStringLiteral(" since %1").arg(units::duration(millisBetween(*backend.queryStart, now)));
    if (!blockers.isEmpty())
        text += QStringLiteral(", held by pid %1").arg(blockers.join(QLatin1String(", ")));
    return text;
}

} // namespace

std::vector<HeldBack> RunLook::throttleHistory() const
{
    std::vector<HeldBack> history;
    std::optional<HeldBack> open;
    const auto close = [&](Instant at) {
        if (open) {
            open->over.to = std::max(open->over.from, at);
            history.push_back(*open);
        }
        open.reset();
    };
    for (const RunEvent &event : events) {
        // A state tells of a driver that came or went; holding back begins anew with each.
        if (event.kind != QLatin1String("throttle") && event.kind != QLatin1String("state"))
            continue;
        close(event.at);
        if (const QString reasons = reasonsOfThrottle(event.text);
            event.kind == QLatin1String("throttle") && !reasons.isEmpty())
            open = HeldBack{{event.at, event.at}, reasons};
    }
    if (open && !record.driven)
        open.reset();
    close(now);
    return history;
}

RunWait currentWait(const RunLook &look)
{
    using Kind = RunWait::Kind;
    if (look.record.isForsaken()) {
        return {Kind::Driver, look.record.driver.isEmpty()
                                  ? QStringLiteral("nobody drives it")
                                  : QStringLiteral("nobody drives it; last was %1").arg(look.record.driver)};
    }
    if (!look.record.driven)
        return {};
    if (const StepRecord *step = stepIn(look, {StepState::Waiting}); step && look.record.state == RunState::Running)
        return {Kind::Word, QStringLiteral("“%1” waits for your word").arg(step->title)};
    for (const RunBackend &backend : look.backends) {
        if (backend.waitType == QLatin1String("Lock"))
            return {Kind::Lock, backendText(backend, look.now)};
    }
    if (const StepRecord *step = stepIn(look, {StepState::Running})) {
        if (const QString text = lockText(look, *step); !text.isEmpty())
            return {Kind::Lock, text};
    }
    if (!look.record.heldBack.isEmpty())
        return {Kind::Governor, QStringLiteral("held back: %1").arg(look.record.heldBack)};
    return {};
}

RunWatcher::RunWatcher(qint64 run)
    : m_run(run)
{
}

Status RunWatcher::absorbSettings(const pg::ResultSet &rows)
{
    TIDEMARK_TRY(m_look.settings,
                 RunSettings::fromJson(QJsonDocument::fromJson(rows.bytes(0, 0)).object(), RunSettings()));
    m_look.now = rows.instant(0, 1).value_or(Instant());
    return {};
}

void RunWatcher::absorbEvents(const std::vector<RunEvent> &events)
{
    std::vector<RunEvent> &known = m_look.events;
    for (const RunEvent &event : events) {
        const auto place = std::lower_bound(known.begin(), known.end(), event.id,
                                            [](const RunEvent &one, qint64 id) { return one.id < id; });
        if (place == known.end() || place->id != event.id)
            known.insert(place, event);
    }
    if (known.size() > mostEvents)
        known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(mostEvents));
}

Result<RunLook> RunWatcher::look(pg::Session &session, std::stop_token stop)
{
    if (!m_look.plan) {
        TIDEMARK_TRY(RunDetail detail, readRun(session, m_run, stop));
        m_look.plan = std::make_shared<const Plan>(std::move(detail.plan));
        m_look.events = std::move(detail.events);
    }
    const auto &library = pg::SqlLibrary::builtIn();
    const auto file = [&](const char *id, pg::Params params) {
        return pg::Statement{library.query(QLatin1String(id), session.serverVersion()).sql, std::move(params), {}};
    };
    const qint64 seen = m_look.events.empty() ? 0 : m_look.events.back().id - overlap;
    const std::array statements{
        file("runs/list", {m_run, 1}),
        pg::Statement{
            "SELECT r.settings, pg_catalog.clock_timestamp() FROM tidemark.run AS r WHERE r.id = $1", {m_run}, {}},
        file("runs/steps", {m_run}),
        file("runs/events_since", {m_run, seen}),
        file("runs/backends", {m_run}),
        file("runs/rates", {m_run}),
    };
    const auto results = session.execBatch(statements, {.deadline = lookDeadline, .stop = stop});
    for (const auto &result : results) {
        if (!result)
            return fail(result.error().within(QStringLiteral("looking at run %1").arg(m_run)));
    }
    TIDEMARK_TRY(const auto records, runRecordsOf(*results[0]));
    if (records.empty() || results[1]->isEmpty())
        return fail(Error::missing(QStringLiteral("run %1 is not there any more").arg(m_run)));
    m_look.record = records.front();
    TIDEMARK_CHECK(absorbSettings(*results[1]));
    TIDEMARK_TRY(m_look.steps, stepRecordsOf(*results[2]));
    absorbEvents(runEventsOf(*results[3]));
    m_look.backends.clear();
    const pg::ResultSet &backends = *results[4];
    for (int row = 0; row < backends.rowCount(); ++row) {
        m_look.backends.push_back(
            {backends.int32(row, backends.column("pid")), backends.text(row, backends.column("state")),
             backends.text(row, backends.column("wait_event_type")), backends.text(row, backends.column("wait_event")),
             backends.instant(row, backends.column("query_start")), backends.text(row, backends.column("query")),
             backends.int64s(row, backends.column("blocked_by"))});
    }
    m_look.rates.clear();
    const pg::ResultSet &rates = *results[5];
    for (int row = 0; row < rates.rowCount(); ++row) {
        const auto at = rates.instant(row, rates.column("at"));
        if (!at)
            continue;
        const auto width = std::chrono::microseconds(qint64(rates.real(row, rates.column("seconds")) * 1e6));
        m_look.rates.push_back({{*at, *at + width}, rates.real(row, rates.column("rows_per_second"))});
    }
    return m_look;
}

} // namespace tidemark
