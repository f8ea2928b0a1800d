// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/agentschedules.h"

#include "core/base/units.h"
#include "core/catalog/jsonrows.h"

#include <QJsonArray>

#include <utility>

namespace tidemark {

namespace {

QString textOf(const QJsonObject &row, const char *key)
{
    return row.value(QLatin1String(key)).toString();
}

std::optional<Instant> momentOf(const QJsonObject &row, const char *key)
{
    return parseTimestamp(textOf(row, key));
}

QString timingOf(const QJsonObject &row)
{
    QString text = textOf(row, "cron");
    if (text.isEmpty())
        text =
            QStringLiteral("every %1").arg(units::duration(Millis(row.value(QLatin1String("every_ms")).toInteger())));
    if (const QString from = textOf(row, "hours_from"); !from.isEmpty())
        text += QStringLiteral(", %1 to %2").arg(from.left(5), textOf(row, "hours_to").left(5));
    const bool isByTheClock = !textOf(row, "cron").isEmpty() || !textOf(row, "hours_from").isEmpty();
    if (isByTheClock)
        text += QStringLiteral(" (%1)").arg(textOf(row, "time_zone"));
    return row.value(QLatin1String("on_change")).toBool() ? text + QStringLiteral(", on change") : text;
}

} // namespace

void AgentSchedules::absorb(const pg::ResultSet &rows)
{
    m_jobs.clear();
    m_isForbidden = !rows.isEmpty() && !rows.boolean(0, rows.column("is_readable"));
    if (rows.isEmpty() || m_isForbidden)
        return;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("schedules")), "schedule")) {
        Job job;
        job.scheduler = JobScheduler::Agent;
        job.id = row.value(QLatin1String("id")).toInteger();
        job.name = textOf(row, "name");
        job.schedule = timingOf(row);
        job.database = m_database;
        job.user = textOf(row, "user");
        job.active = row.value(QLatin1String("active")).toBool();
        job.totalRuns = row.value(QLatin1String("runs")).toInteger();
        job.totalFailures = row.value(QLatin1String("failures")).toInteger();
        const QString state = textOf(row, "state");
        job.running = state == QLatin1String("running");
        job.lastStartedAt = momentOf(row, "started_at");
        if (!job.running && !state.isEmpty()) {
            job.lastFinishedAt = momentOf(row, "finished_at");
            job.lastSucceeded = state == QLatin1String("succeeded");
            job.lastMessage = textOf(row, "error");
        }
        if (job.active)
            job.nextStart = momentOf(row, "next_at");
        const QJsonObject refresh = row.value(QLatin1String("refresh")).toObject();
        QStringList names;
        for (const QJsonValue &value : refresh.value(QLatin1String("names")).toArray()) {
            const QJsonObject name = value.toObject();
            job.refreshes.push_back({textOf(name, "schema"), textOf(name, "name")});
            names << job.refreshes.back().display();
        }
        job.command = QStringLiteral("refresh ")
                      + (names.isEmpty() ? QStringLiteral("--all") : names.join(QLatin1Char(' ')));
        if (refresh.value(QLatin1String("cascade")).toBool())
            job.command += QStringLiteral(" --cascade");
        m_jobs.push_back(std::move(job));
    }
    for (const QJsonObject &run : jsonRows(rows.bytes(0, rows.column("runs")), "run"))
        addRun(run);
}

void AgentSchedules::addRun(const QJsonObject &run)
{
    if (const auto ended = momentOf(run, "finished_at"))
        m_readUntil = std::max(m_readUntil.value_or(*ended), *ended);
    for (const QJsonValue &value : run.value(QLatin1String("results")).toArray()) {
        const QJsonObject result = value.toObject();
        RefreshEvent event;
        event.startedAt = momentOf(result, "started_at");
        event.finishedAt = momentOf(result, "finished_at");
        if (!event.startedAt || !event.finishedAt)
            continue; // it did not come to that
        event.name = {textOf(result, "schema"), textOf(result, "name")};
        event.succeeded = textOf(result, "result") == QLatin1String("succeeded");
        event.error = event.succeeded ? QString() : textOf(result, "error");
        event.duration = millisBetween(*event.startedAt, *event.finishedAt);
        if (const QJsonValue written = result.value(QLatin1String("rows")); written.isDouble())
            event.rows = written.toInteger();
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::JobHistory;
        event.sourceDetail = QStringLiteral("schedule %1").arg(textOf(run, "name"));
        m_events.push_back(std::move(event));
    }
}

std::vector<RefreshEvent> AgentSchedules::takeEvents()
{
    return std::exchange(m_events, {});
}

} // namespace tidemark
