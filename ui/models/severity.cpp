// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/severity.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::severity)
};

} // namespace

Severity severityOf(FreshnessStatus status)
{
    switch (status) {
    case FreshnessStatus::Breached:
    case FreshnessStatus::NotPopulated:
        return Severity::Critical;
    case FreshnessStatus::Late:
        return Severity::Warning;
    case FreshnessStatus::Stale:
        return Severity::Notice;
    case FreshnessStatus::Fresh:
        return Severity::Ok;
    case FreshnessStatus::Unknown:
        break;
    }
    return Severity::Unknown;
}

Severity severityOfWait(Millis waited)
{
    using namespace std::chrono_literals;
    return waited >= 1min ? Severity::Critical : waited >= 5s ? Severity::Warning : Severity::Notice;
}

Severity worse(Severity a, Severity b)
{
    static constexpr std::array order{Severity::Ok, Severity::Notice, Severity::Unknown, Severity::Warning,
                                      Severity::Critical};
    return std::find(order.begin(), order.end(), a) < std::find(order.begin(), order.end(), b) ? b : a;
}

QString severityText(Severity severity)
{
    switch (severity) {
    case Severity::Ok:
        return Words::tr("OK");
    case Severity::Notice:
        return Words::tr("Notice");
    case Severity::Warning:
        return Words::tr("Warning");
    case Severity::Critical:
        return Words::tr("Critical");
    case Severity::Unknown:
        break;
    }
    return Words::tr("Unknown");
}

QString statusText(FreshnessStatus status)
{
    switch (status) {
    case FreshnessStatus::Breached:
        return Words::tr("Breached");
    case FreshnessStatus::NotPopulated:
        return Words::tr("Not populated");
    case FreshnessStatus::Late:
        return Words::tr("Late");
    case FreshnessStatus::Stale:
        return Words::tr("Stale");
    case FreshnessStatus::Fresh:
        return Words::tr("Fresh");
    case FreshnessStatus::Unknown:
        break;
    }
    return Words::tr("Unknown");
}

QString kindText(RefreshableKind kind)
{
    switch (kind) {
    case RefreshableKind::MaterializedView:
        return Words::tr("Materialized view");
    case RefreshableKind::ContinuousAggregate:
        return Words::tr("Continuous aggregate");
    case RefreshableKind::RollupTable:
        return Words::tr("Rollup table");
    case RefreshableKind::ManagedTable:
        return Words::tr("Managed table");
    case RefreshableKind::PgIvmTable:
        break;
    }
    return Words::tr("pg_ivm table");
}

QString confidenceText(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Exact:
        return Words::tr("exact");
    case Confidence::Commit:
        return Words::tr("commit");
    case Confidence::Bracketed:
        return Words::tr("bracketed");
    case Confidence::AtLeast:
        return Words::tr("at least");
    case Confidence::Unknown:
        break;
    }
    return Words::tr("unknown");
}

QString sourceText(RefreshSource source)
{
    switch (source) {
    case RefreshSource::OwnRun:
        return Words::tr("own run");
    case RefreshSource::EventTrigger:
        return Words::tr("event trigger");
    case RefreshSource::CommitTimestamp:
        return Words::tr("commit timestamp");
    case RefreshSource::JobHistory:
        return Words::tr("job history");
    case RefreshSource::Sampling:
        return Words::tr("sampled");
    case RefreshSource::XidClock:
        return Words::tr("transaction clock");
    case RefreshSource::None:
        break;
    }
    return Words::tr("nothing known");
}

} // namespace tidemark::ui
