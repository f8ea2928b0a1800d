// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/jobmodel.h"

#include "core/base/units.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

namespace {

enum class JobStatus { Failed, Running, NeverRan, Paused, Done };

JobStatus statusOf(const Job &job)
{
    if (job.running)
        return JobStatus::Running;
    if (!job.active)
        return JobStatus::Paused;
    if (!job.lastSucceeded)
        return JobStatus::NeverRan;
    return *job.lastSucceeded ? JobStatus::Done : JobStatus::Failed;
}

QString statusWord(JobStatus status)
{
    switch (status) {
    case JobStatus::Failed:
        return JobModel::tr("Failed", "job");
    case JobStatus::Running:
        return JobModel::tr("Running", "job");
    case JobStatus::NeverRan:
        return JobModel::tr("Never ran", "job");
    case JobStatus::Paused:
        return JobModel::tr("Paused", "job");
    case JobStatus::Done:
        break;
    }
    return JobModel::tr("Done", "job");
}

Severity severityOf(JobStatus status)
{
    switch (status) {
    case JobStatus::Failed:
        return Severity::Critical;
    case JobStatus::NeverRan:
        return Severity::Unknown;
    case JobStatus::Paused:
    case JobStatus::Running:
        return Severity::Notice;
    case JobStatus::Done:
        break;
    }
    return Severity::Ok;
}

Column<JobRow> moment(const char *id, const QString &title, std::optional<Instant> Job::*field, const JobModel *model)
{
    return {
        .id = id,
        .title = title,
        .text =
            [field, model](const JobRow &row) {
                return row.job.*field ? units::age(*(row.job.*field), model->moments().of(row.server)) : QString();
            },
        .sort =
            [field](const JobRow &row) {
                return row.job.*field ? QVariant(toEpochMicros(*(row.job.*field))) : QVariant();
            },
        .toolTip =
            [field](const JobRow &row) { return row.job.*field ? texts::absolute(*(row.job.*field)) : QString(); },
        .exported =
            [field](const JobRow &row) { return row.job.*field ? QVariant(toIso8601(*(row.job.*field))) : QVariant(); },
        .ages = true,
        .chars = 16};
}

} // namespace

JobModel::JobModel(QObject *parent)
    : SnapshotModel([](const JobRow &row) { return row.key(); }, parent)
{
    using Row = JobRow;
    setObjectOf([](const Row &row) { return ObjectRef{ObjectKind::Database, row.server, row.database, 0, {}, 0}; });
    setKeyText([](const Row &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + toWord(row.job.scheduler)
               + QLatin1Char('/') + QString::number(row.job.id);
    });
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "status",
                       .title = tr("Last run"),
                       .text = [](const Row &row) { return statusWord(statusOf(row.job)); },
                       .sort = [](const Row &row) { return static_cast<int>(statusOf(row.job)); },
                       .severity = [](const Row &row) { return severityOf(statusOf(row.job)); },
                       .toolTip = [](const Row &row) { return row.job.lastMessage; },
                       .chars = 12});
    columns.push_back(
        {.id = "job",
         .title = tr("Job"),
         .text = [](const Row &row) { return row.job.name.isEmpty() ? tr("job %1").arg(row.job.id) : row.job.name; },
         .chars = 24});
    columns.push_back({.id = "scheduler",
                       .title = tr("Scheduler"),
                       .text = [](const Row &row) { return texts::scheduler(row.job.scheduler); },
                       .chars = 11,
                       .spare = 5});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.job.database); },
                       .chars = 18});
    columns.push_back({.id = "schedule",
                       .title = tr("Schedule"),
                       .text = [](const Row &row) { return row.job.schedule; },
                       .chars = 14});
    columns.push_back({.id = "command",
                       .title = tr("Command"),
                       .text = [](const Row &row) { return row.job.command.simplified(); },
                       .toolTip = [](const Row &row) { return row.job.command; },
                       .exported = [](const Row &row) { return row.job.command; },
                       .chars = 30,
                       .stretch = true});
    columns.push_back(moment("last_finished", tr("Finished"), &Job::lastFinishedAt, this));
    columns.push_back(moment("next_start", tr("Next"), &Job::nextStart, this));
    columns.push_back({.id = "failures",
                       .title = tr("Failed / runs"),
                       .text =
                           [](const Row &row) {
                               return QStringLiteral("%1 / %2").arg(QLocale().toString(row.job.totalFailures),
                                                                    QLocale().toString(row.job.totalRuns));
                           },
                       .sort = [](const Row &row) { return QVariant(row.job.totalFailures); },
                       .numeric = true,
                       .chars = 12});
    setColumns(std::move(columns));
}

void JobModel::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    auto parts = partsOf(snapshots, scope, &DatabaseSnapshot::jobs);
    if (parts != m_parts) {
        std::vector<JobRow> rows;
        for (const auto &[server, database, part] : parts) {
            for (const Job &job : *part)
                rows.push_back({server, database, job});
        }
        setRows(std::move(rows));
        m_parts = std::move(parts);
    }
    setMoments(moments);
}

} // namespace tidemark::ui
