// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/jobcollector.h"

#include "core/base/cron.h"
#include "core/base/log.h"
#include "core/catalog/jsonrows.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr Millis askEvery{15'000};
constexpr Millis askFunctionsEvery{300'000};
// Runs without an end that are older than this were forgotten by a crash of the scheduler.
constexpr std::size_t mostUnfinished = 200;
// A run may commit its end after one that ended later.
constexpr auto timescaleOverlap = std::chrono::minutes(1);
constexpr std::size_t mostToldOfAJob = 1000; // no less than a look brings

QString textOf(const QJsonObject &row, const char *key)
{
    return row.value(QLatin1String(key)).toString();
}

qint64 numberOf(const QJsonObject &row, const char *key)
{
    return row.value(QLatin1String(key)).toInteger();
}

bool isOver(const QString &status)
{
    return status == QLatin1String("succeeded") || status == QLatin1String("failed");
}

} // namespace

JobCollector::JobCollector(std::shared_ptr<HistoryStore> store)
    : m_store(std::move(store))
{
}

void JobCollector::note(const Error &error, const char *reading)
{
    qCInfo(logMonitor) << "jobs:" << reading << ":" << error.summary();
    if (!m_error)
        m_error = error.within(QString::fromLatin1(reading));
}

std::vector<TickQuery> JobCollector::plan(const TickContext &context)
{
    m_capabilities = *context.capabilities;
    const bool due = context.first || !m_askedAt || millisBetween(*m_askedAt, context.serverNow) >= askEvery;
    const bool hasCron = m_capabilities.hasExtension(QStringLiteral("pg_cron"));
    const bool hasTimescale = m_capabilities.hasExtension(QStringLiteral("timescaledb"));
    const bool hasPartman = m_capabilities.hasExtension(QStringLiteral("pg_partman"));
    if (!due)
        return {};
    m_askedAt = context.serverNow;
    m_error.reset();

    std::vector<TickQuery> queries;
    const auto ask = [&](const char *query, pg::Params params, const char *reading,
                         void (JobCollector::*absorb)(const pg::ResultSet &)) {
        queries.push_back(
            {QString::fromLatin1(query), std::move(params), [this, reading, absorb](const Result<pg::ResultSet> &rows) {
                 if (rows)
                     (this->*absorb)(*rows);
                 else
                     note(rows.error(), reading);
             }});
    };
    if ((hasCron || hasTimescale)
        && (!m_functionsAskedAt || millisBetween(*m_functionsAskedAt, context.serverNow) >= askFunctionsEvery)) {
        m_functionsAskedAt = context.serverNow;
        ask("jobs/refreshing_functions", {}, "reading functions that refresh views", &JobCollector::absorbFunctions);
    }
    if (hasCron) {
        ask("jobs/pg_cron", {}, "reading the jobs of pg_cron", &JobCollector::absorbCronJobs);
        pg::Params known{m_lastRun ? pg::Param(*m_lastRun) : pg::Param(nullptr), pg::Param::array(m_unfinished)};
        ask("jobs/pg_cron_runs", std::move(known), "reading the runs of pg_cron", &JobCollector::absorbCronRuns);
    }
    if (hasTimescale) {
        ask("jobs/timescaledb", {}, "reading the jobs of TimescaleDB", &JobCollector::absorbTimescale);
        ask("jobs/aggregates", {}, "reading the names of continuous aggregates", &JobCollector::absorbAggregates);
        ask("jobs/timescaledb_runs",
            {m_timescaleReadUntil ? pg::Param(*m_timescaleReadUntil - timescaleOverlap) : pg::Param(nullptr)},
            "reading the runs of TimescaleDB's jobs", &JobCollector::absorbTimescaleRuns);
    }
    m_schedules.setDatabase(m_capabilities.database);
    const auto until = m_schedules.readUntil();
    ask("jobs/schedules", {until ? pg::Param(*until) : pg::Param(nullptr)}, "reading the schedules of agents",
        &JobCollector::absorbSchedules);
    if (hasPartman)
        ask("partitions/partman", {}, "reading the maintenance of pg_partman", &JobCollector::absorbPartman);
    return queries;
}

void JobCollector::absorbFunctions(const pg::ResultSet &rows)
{
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto body = rows.column("body");
    std::vector<RefreshCommands::Function> functions;
    for (int row = 0; row < rows.rowCount(); ++row)
        functions.push_back({{rows.text(row, schema), rows.text(row, name)}, rows.text(row, body)});
    m_commands.setFunctions(std::move(functions));
}

void JobCollector::absorbCronJobs(const pg::ResultSet &rows)
{
    m_changed = true;
    if (rows.isEmpty() || !rows.boolean(0, rows.column("is_readable"))) {
        Error error;
        error.kind = ErrorKind::Permission;
        error.message = QStringLiteral("this role may not read pg_cron's jobs");
        error.hint =
            QStringLiteral("GRANT USAGE ON SCHEMA cron TO %1; it then sees its own jobs.").arg(m_capabilities.user);
        note(error, "reading the jobs of pg_cron");
        return;
    }
    const QTimeZone zone(rows.bytes(0, rows.column("time_zone")));
    m_zone = zone.isValid() ? zone : QTimeZone::utc();
    std::map<std::pair<JobScheduler, qint64>, Job> listed;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("jobs")), "job")) {
        const auto key = std::pair(JobScheduler::PgCron, numberOf(row, "jobid"));
        Job job = m_jobs.contains(key) ? m_jobs[key] : Job();
        job.scheduler = JobScheduler::PgCron;
        job.id = key.second;
        job.name = textOf(row, "jobname");
        job.schedule = textOf(row, "schedule");
        job.command = textOf(row, "command");
        job.database = textOf(row, "database");
        job.user = textOf(row, "username");
        job.active = row.value(QLatin1String("active")).toBool(true);
        listed.insert_or_assign(key, std::move(job));
    }
    std::erase_if(m_jobs, [](const auto &entry) { return entry.first.first == JobScheduler::PgCron; });
    m_jobs.merge(listed);
}

void JobCollector::absorbCronRuns(const pg::ResultSet &rows)
{
    if (rows.isEmpty())
        return;
    m_changed = true;
    const bool counted = !rows.isNull(0, rows.column("totals"));
    std::vector<qint64> unfinished;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("runs")), "run")) {
        Run run;
        run.id = numberOf(row, "runid");
        run.jobId = numberOf(row, "jobid");
        run.status = textOf(row, "status");
        run.message = textOf(row, "return_message").trimmed();
        run.command = textOf(row, "command");
        run.database = textOf(row, "database");
        run.user = textOf(row, "username");
        run.startedAt = parseTimestamp(textOf(row, "start_time"));
        run.finishedAt = parseTimestamp(textOf(row, "end_time"));
        m_lastRun = std::max(m_lastRun.value_or(0), run.id);
        apply(run);
        if (!isOver(run.status))
            unfinished.push_back(run.id);
        else
            m_newRuns.push_back(std::move(run));
    }
    if (unfinished.size() > mostUnfinished)
        unfinished.erase(unfinished.begin(), unfinished.end() - mostUnfinished);
    m_unfinished = std::move(unfinished);
    if (!counted)
        return;
    for (const QJsonObject &total : jsonRows(rows.bytes(0, rows.column("totals")), "total")) {
        const auto known = m_jobs.find({JobScheduler::PgCron, numberOf(total, "jobid")});
        if (known == m_jobs.end())
            continue;
        known->second.totalRuns = numberOf(total, "runs");
        known->second.totalFailures = numberOf(total, "failures");
    }
}

void JobCollector::apply(const Run &run)
{
    const auto known = m_jobs.find({JobScheduler::PgCron, run.jobId});
    if (known == m_jobs.end())
        return;
    Job &job = known->second;
    job.running = !isOver(run.status);
    if (run.startedAt)
        job.lastStartedAt = run.startedAt;
    if (job.running)
        return;
    job.lastFinishedAt = run.finishedAt;
    job.lastSucceeded = run.status == QLatin1String("succeeded");
    job.lastMessage = run.message;
    ++job.totalRuns;
    job.totalFailures += *job.lastSucceeded ? 0 : 1;
}

void JobCollector::absorbTimescale(const pg::ResultSet &rows)
{
    m_changed = true;
    const auto id = rows.column("job_id");
    const auto name = rows.column("name");
    const auto schedule = rows.column("schedule");
    const auto proc = rows.column("proc");
    const auto owner = rows.column("owner");
    const auto scheduled = rows.column("is_scheduled");
    const auto hypertable = rows.column("hypertable");
    const auto aggregateSchema = rows.column("aggregate_schema");
    const auto aggregate = rows.column("aggregate");
    const auto started = rows.column("started_at");
    const auto finished = rows.column("finished_at");
    const auto lastStatus = rows.column("last_status");
    const auto jobStatus = rows.column("job_status");
    const auto nextStart = rows.column("next_start");
    const auto runs = rows.column("total_runs");
    const auto failures = rows.column("total_failures");
    const auto message = rows.column("error");

    std::erase_if(m_jobs, [](const auto &entry) { return entry.first.first == JobScheduler::TimescaleDb; });
    for (int row = 0; row < rows.rowCount(); ++row) {
        Job job;
        job.scheduler = JobScheduler::TimescaleDb;
        job.id = rows.int64(row, id);
        job.name = rows.text(row, name);
        job.schedule = rows.text(row, schedule);
        const pg::QualifiedName view{rows.text(row, aggregateSchema), rows.text(row, aggregate)};
        m_actions.remove(job.id);
        if (const QString name = rows.text(row, proc); !name.startsWith(QLatin1String("_timescaledb_")))
            m_actions.insert(job.id, QStringLiteral("CALL %1()").arg(name));
        const QString on = !view.name.isEmpty() ? view.display() : rows.text(row, hypertable);
        job.command = rows.text(row, proc) + (on.isEmpty() ? QString() : QStringLiteral(" on ") + on);
        job.database = m_capabilities.database;
        job.user = rows.text(row, owner);
        job.active = rows.boolean(row, scheduled);
        // Before its end a run counts as crashed in some versions, so the outcome of a running job is not to be trusted.
        job.running = rows.text(row, jobStatus) == QLatin1String("Running");
        job.lastStartedAt = rows.instant(row, started);
        job.nextStart = rows.instant(row, nextStart);
        job.totalRuns = rows.int64(row, runs);
        job.totalFailures = rows.int64(row, failures);
        if (!job.running && !rows.isNull(row, lastStatus)) {
            job.lastFinishedAt = rows.instant(row, finished);
            job.lastSucceeded = rows.text(row, lastStatus) == QLatin1String("Success");
            if (!*job.lastSucceeded)
                job.lastMessage = rows.text(row, message);
        }
        if (!view.name.isEmpty())
            job.refreshes.push_back(view);
        if (job.lastSucceeded && job.lastStartedAt && job.lastFinishedAt) {
            Run run;
            run.jobId = job.id;
            run.succeeded = *job.lastSucceeded;
            run.message = job.lastMessage;
            run.startedAt = job.lastStartedAt;
            run.finishedAt = job.lastFinishedAt;
            m_newTimescaleRuns.push_back(std::move(run));
        }
        m_jobs.insert_or_assign({job.scheduler, job.id}, std::move(job));
    }
}

void JobCollector::absorbTimescaleRuns(const pg::ResultSet &rows)
{
    if (rows.isEmpty())
        return;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("runs")), "run")) {
        Run run;
        run.jobId = numberOf(row, "job_id");
        run.succeeded =
            row.value(QLatin1String("succeeded")).toBool(false); // of failures alone there is no such column
        run.message = run.succeeded ? QString() : textOf(row, "err_message").trimmed();
        run.startedAt = parseTimestamp(textOf(row, "start_time"));
        run.finishedAt = parseTimestamp(textOf(row, "finish_time"));
        if (!run.startedAt || !run.finishedAt)
            continue;
        m_timescaleReadUntil = std::max(m_timescaleReadUntil.value_or(*run.finishedAt), *run.finishedAt);
        m_newTimescaleRuns.push_back(std::move(run));
    }
}

void JobCollector::absorbAggregates(const pg::ResultSet &rows)
{
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    m_aggregates.clear();
    for (int row = 0; row < rows.rowCount(); ++row)
        m_aggregates.push_back({rows.text(row, schema), rows.text(row, name)});
}

/// What a run of a policy or of a user-defined action refreshed. job_stats and the history tell of the same run.
void JobCollector::tellTimescale(const Run &run)
{
    const auto known = m_jobs.find({JobScheduler::TimescaleDb, run.jobId});
    if (known == m_jobs.end() || known->second.refreshes.empty())
        return;
    const Job &job = known->second;
    auto &told = m_timescaleTold[run.jobId];
    const auto near = told.lower_bound(*run.startedAt - std::chrono::seconds(1));
    if (near != told.end() && near->first <= *run.startedAt + std::chrono::seconds(1) && near->second == run.succeeded)
        return;
    told.insert_or_assign(*run.startedAt, run.succeeded);
    if (told.size() > mostToldOfAJob)
        told.erase(told.begin());

    RefreshEvent event;
    event.startedAt = run.startedAt;
    event.finishedAt = run.finishedAt;
    event.succeeded = run.succeeded;
    event.error = run.message;
    event.user = job.user;
    event.source = RefreshSource::JobHistory;
    if (m_actions.contains(run.jobId)) { // does more than to refresh, perhaps
        event.confidence = Confidence::Bracketed;
        event.finishedBracket = TimeRange{*run.startedAt, *run.finishedAt};
        event.sourceDetail = QStringLiteral("action job %1").arg(run.jobId);
    } else {
        event.confidence = Confidence::Exact;
        event.duration = millisBetween(*run.startedAt, *run.finishedAt);
        event.sourceDetail = QStringLiteral("policy job %1").arg(run.jobId);
    }
    for (const pg::QualifiedName &view : job.refreshes)
        add(event, view, job.database);
}

void JobCollector::add(RefreshEvent event, const pg::QualifiedName &view, const QString &database)
{
    event.name = view;
    if (database == m_capabilities.database
        && std::find(m_aggregates.begin(), m_aggregates.end(), view) != m_aggregates.end())
        event.kind = RefreshableKind::ContinuousAggregate;
    m_events[database].push(std::move(event));
}

void JobCollector::absorbPartman(const pg::ResultSet &rows)
{
    m_changed = true;
    std::erase_if(m_jobs, [](const auto &entry) { return entry.first.first == JobScheduler::PgPartman; });
    if (rows.isEmpty() || !rows.boolean(0, rows.column("is_readable")))
        return;
    qint64 id = 0; // its configuration has no number; the order of the tables stands for one
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("config")), "config")) {
        Job job;
        job.scheduler = JobScheduler::PgPartman;
        job.id = ++id;
        job.name = textOf(row, "parent_table");
        job.schedule = QStringLiteral("with run_maintenance()");
        job.command = QStringLiteral("maintain partitions of %1").arg(job.name);
        job.database = m_capabilities.database;
        job.active = textOf(row, "automatic_maintenance") == QLatin1String("on");
        job.lastFinishedAt = parseTimestamp(textOf(row, "maintenance_last_run")); // from 5.1 on
        m_jobs.insert_or_assign({job.scheduler, job.id}, std::move(job));
    }
}

void JobCollector::absorbSchedules(const pg::ResultSet &rows)
{
    m_schedules.absorb(rows);
    const auto ofAgents = [](const auto &entry) { return entry.first.first == JobScheduler::Agent; };
    if (std::erase_if(m_jobs, ofAgents) > 0 || !m_schedules.jobs().empty())
        m_changed = true;
    for (const Job &job : m_schedules.jobs())
        m_jobs.insert_or_assign({job.scheduler, job.id}, job);
    if (m_schedules.isForbidden()) {
        Error error;
        error.kind = ErrorKind::Permission;
        error.message = QStringLiteral("this role may not read the schedules of this database");
        error.hint = QStringLiteral("GRANT pg_monitor TO %1.").arg(m_capabilities.user);
        note(error, "reading the schedules of agents");
    }
}

std::vector<pg::QualifiedName> JobCollector::viewsIn(const QString &database)
{
    std::vector<pg::QualifiedName> names;
    if (database == m_capabilities.database) {
        if (m_freshness) {
            for (const Refreshable &refreshable : m_freshness->refreshables)
                names.push_back(refreshable.name);
        }
        names.insert(names.end(), m_aggregates.begin(), m_aggregates.end());
    } else if (m_store) {
        // pg_cron lives in one database and acts in others, whose own watch has told the store what is there.
        if (const auto known = m_store->baselines({m_capabilities.systemIdentifier, database})) {
            for (const RefreshableBaseline &baseline : *known)
                names.push_back(baseline.name);
        }
    }
    return names;
}

std::vector<pg::QualifiedName> JobCollector::viewsOf(const QString &command, const QString &database,
                                                     const QString &user)
{
    const bool isHere = database == m_capabilities.database;
    const auto statements = isHere ? m_commands.refreshesOf(command) : refreshStatementsIn(command);
    if (statements.empty())
        return {};
    const auto views = viewsIn(database);
    std::vector<pg::QualifiedName> found;
    for (const RefreshStatement &statement : statements) {
        const pg::QualifiedName name = resolveView(statement.name, views, user);
        if (!name.name.isEmpty() && std::find(found.begin(), found.end(), name) == found.end())
            found.push_back(name);
    }
    return found;
}

void JobCollector::tell(const Run &run)
{
    if (!run.startedAt && !run.finishedAt)
        return; // pg_cron could not even start it
    const bool single = RefreshCommands::isSingleRefresh(run.command);
    for (const pg::QualifiedName &view : viewsOf(run.command, run.database, run.user)) {
        RefreshEvent event;
        event.startedAt = run.startedAt;
        event.finishedAt = run.finishedAt ? run.finishedAt : run.startedAt;
        event.succeeded = run.status == QLatin1String("succeeded");
        event.error = event.succeeded ? QString() : run.message;
        event.user = run.user;
        event.source = RefreshSource::JobHistory;
        event.sourceDetail = QStringLiteral("pg_cron job %1").arg(run.jobId);
        event.confidence = Confidence::Exact;
        if (single && run.startedAt)
            event.duration = millisBetween(*run.startedAt, *event.finishedAt);
        if (!single && run.startedAt) {
            event.confidence = Confidence::Bracketed;
            event.finishedBracket = TimeRange{*run.startedAt, *event.finishedAt};
        }
        add(std::move(event), view, run.database);
    }
}

void JobCollector::publish(const TickContext &context, DatabaseSnapshot &snapshot)
{
    m_freshness = snapshot.freshness;
    // Names are needed to read the commands; the first tick may not have them yet.
    if (m_freshness) {
        for (const Run &run : m_newRuns)
            tell(run);
        m_newRuns.clear();
        for (auto &[key, job] : m_jobs) {
            if (m_changed && key.first == JobScheduler::TimescaleDb && m_actions.contains(key.second))
                job.refreshes = viewsOf(m_actions.value(key.second), job.database, job.user);
        }
        for (const Run &run : m_newTimescaleRuns)
            tellTimescale(run);
        m_newTimescaleRuns.clear();
        for (RefreshEvent &event : m_schedules.takeEvents()) {
            const pg::QualifiedName view = event.name;
            add(std::move(event), view, m_capabilities.database);
        }
    }
    flush();

    if (m_changed || !m_published) {
        auto jobs = std::make_shared<std::vector<Job>>();
        for (auto &[key, job] : m_jobs) {
            if (job.scheduler == JobScheduler::PgCron) {
                job.refreshes = viewsOf(job.command, job.database, job.user);
                const auto cron = Cron::parse(job.schedule);
                const Instant now = context.serverNow;
                job.nextStart = cron && job.active ? cron->next(now, m_zone) : std::nullopt;
            }
            jobs->push_back(job);
        }
        m_published = std::move(jobs);
        m_changed = !m_freshness;
    }
    snapshot.jobs = m_published;
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
}

void JobCollector::flush()
{
    if (!m_store)
        return m_events.clear();
    for (auto &[database, events] : m_events) {
        // Of other databases the scheduler knows no more than the name.
        DatabaseRef ref = databaseRefOf(m_capabilities);
        if (database != ref.database)
            ref = {ref.systemIdentifier, database, 0, ref.timeline};
        if (const Status kept = events.flush(*m_store, ref); !kept)
            note(kept.error(), "keeping the history of jobs");
    }
}

void JobCollector::sessionLost()
{
    m_askedAt.reset();
    m_functionsAskedAt.reset();
}

void applySchedules(std::vector<Refreshable> &refreshables, const std::vector<Job> &jobs, const QString &database)
{
    for (const Job &job : jobs) {
        if (job.database != database || !job.active)
            continue;
        for (const pg::QualifiedName &name : job.refreshes) {
            const auto found = std::find_if(refreshables.begin(), refreshables.end(),
                                            [&](const Refreshable &refreshable) { return refreshable.name == name; });
            if (found == refreshables.end())
                continue;
            const bool isSooner = !found->nextScheduled || (job.nextStart && *job.nextStart < *found->nextScheduled);
            if (isSooner)
                found->nextScheduled = job.nextStart;
            const QString schedule = toWord(job.scheduler) + QStringLiteral(": ") + job.schedule;
            found->schedule = found->schedule.isEmpty() ? schedule : found->schedule + QStringLiteral("; ") + schedule;
        }
    }
}

} // namespace tidemark
