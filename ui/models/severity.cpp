// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/severity.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace tidemark::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("tidemark::ui::severity", text);
}

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
        return tr("OK");
    case Severity::Notice:
        return tr("Notice");
    case Severity::Warning:
        return tr("Warning");
    case Severity::Critical:
        return tr("Critical");
    case Severity::Unknown:
        break;
    }
    return tr("Unknown");
}

QString statusText(FreshnessStatus status)
{
    switch (status) {
    case FreshnessStatus::Breached:
        return tr("Breached");
    case FreshnessStatus::NotPopulated:
        return tr("Not populated");
    case FreshnessStatus::Late:
        return tr("Late");
    case FreshnessStatus::Stale:
        return tr("Stale");
    case FreshnessStatus::Fresh:
        return tr("Fresh");
    case FreshnessStatus::Unknown:
        break;
    }
    return tr("Unknown");
}

QString kindText(RefreshableKind kind)
{
    switch (kind) {
    case RefreshableKind::MaterializedView:
        return tr("Materialized view");
    case RefreshableKind::ContinuousAggregate:
        return tr("Continuous aggregate");
    case RefreshableKind::RollupTable:
        return tr("Rollup table");
    case RefreshableKind::ManagedTable:
        return tr("Managed table");
    case RefreshableKind::PgIvmTable:
        break;
    }
    return tr("pg_ivm table");
}

QString confidenceText(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Exact:
        return tr("exact");
    case Confidence::Commit:
        return tr("commit");
    case Confidence::Bracketed:
        return tr("bracketed");
    case Confidence::AtLeast:
        return tr("at least");
    case Confidence::Unknown:
        break;
    }
    return tr("unknown");
}

QString sourceText(RefreshSource source)
{
    switch (source) {
    case RefreshSource::OwnRun:
        return tr("own run");
    case RefreshSource::EventTrigger:
        return tr("event trigger");
    case RefreshSource::CommitTimestamp:
        return tr("commit timestamp");
    case RefreshSource::JobHistory:
        return tr("job history");
    case RefreshSource::Sampling:
        return tr("sampled");
    case RefreshSource::XidClock:
        return tr("transaction clock");
    case RefreshSource::None:
        break;
    }
    return tr("nothing known");
}

} // namespace tidemark::ui
