// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshevent.h"
#include "core/monitor/agentschedules.h"
#include "core/monitor/collector.h"
#include "core/monitor/refreshcommands.h"
#include "core/monitor/refreshqueue.h"

#include <QJsonObject>
#include <QTimeZone>

#include <map>
#include <memory>

namespace tidemark {

/// The scheduled jobs of one database, of whatever scheduler is there: pg_cron, TimescaleDB, pg_partman's maintenance and the
/// toolkit's schedules. Read
/// every quarter of a minute; pg_cron's history only in what is new. Runs of jobs that refresh views go to the store as refreshes, with the error of
/// those that failed.
class JobCollector final : public Collector
{
public:
    explicit JobCollector(std::shared_ptr<HistoryStore> store);

    [[nodiscard]] QString name() const override { return QStringLiteral("jobs"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;
    void sessionLost() override;

private:
    struct Run
    {
        qint64 id = 0;
        qint64 jobId = 0;
        QString status;         ///< in pg_cron's words
        bool succeeded = false; ///< of TimescaleDB
        QString message;
        QString command;
        QString database;
        QString user;
        std::optional<Instant> startedAt;
        std::optional<Instant> finishedAt;
    };

    void absorbCronJobs(const pg::ResultSet &rows);
    void absorbCronRuns(const pg::ResultSet &rows);
    void absorbTimescale(const pg::ResultSet &rows);
    void absorbTimescaleRuns(const pg::ResultSet &rows);
    void absorbAggregates(const pg::ResultSet &rows);
    void absorbPartman(const pg::ResultSet &rows);
    void absorbSchedules(const pg::ResultSet &rows);
    void absorbFunctions(const pg::ResultSet &rows);
    void note(const Error &error, const char *reading);
    void apply(const Run &run);
    void tell(const Run &run);
    void tellTimescale(const Run &run);
    void add(RefreshEvent event, const pg::QualifiedName &view, const QString &database);
    void flush();
    [[nodiscard]] std::vector<pg::QualifiedName> viewsOf(const QString &command, const QString &database,
                                                         const QString &user);
    [[nodiscard]] std::vector<pg::QualifiedName> viewsIn(const QString &database);

    const std::shared_ptr<HistoryStore> m_store;
    pg::Capabilities m_capabilities;
    std::shared_ptr<const FreshnessSnapshot> m_freshness; ///< for the names of this database's views
    RefreshCommands m_commands;
    std::map<std::pair<JobScheduler, qint64>, Job> m_jobs;
    std::vector<Run> m_newRuns;                  ///< finished, not yet told: the views' names come later in the tick
    std::vector<pg::QualifiedName> m_aggregates; ///< of this database
    QHash<qint64, QString> m_actions;            ///< of users, by job: the call
    std::vector<Run> m_newTimescaleRuns;         ///< the same; each may be told of by two views of TimescaleDB's
    std::optional<Instant> m_timescaleReadUntil; ///< the newest end of a run in its history
    AgentSchedules m_schedules;
    std::vector<qint64> m_unfinished;
    std::optional<qint64> m_lastRun;
    QTimeZone m_zone = QTimeZone::utc();
    std::map<QString, RefreshQueue> m_events;                  ///< by database
    std::map<qint64, std::map<Instant, bool>> m_timescaleTold; ///< job -> starts of the newest runs told, and outcomes
    std::optional<Instant> m_askedAt;
    std::optional<Instant> m_functionsAskedAt;
    std::optional<Error> m_error;
    std::shared_ptr<const std::vector<Job>> m_published;
    bool m_changed = false;
};

/// Gives each refreshable the schedule of the job that refreshes it, and when it runs next. `database` is theirs; jobs of
/// pg_cron live in one database and act in others.
void applySchedules(std::vector<Refreshable> &refreshables, const std::vector<Job> &jobs, const QString &database);

} // namespace tidemark
