// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts.h"

namespace tidemark {

namespace {

const auto freshnessKey = QLatin1String("alerts.freshness");
const auto blockingKey = QLatin1String("alerts.blocking_longer_than_ms");
const auto runwayKey = QLatin1String("alerts.runway_shorter_than_ms");
const auto jobKey = QLatin1String("alerts.job_failed");

/// 0 stands for a rule that is switched off.
std::optional<Millis> threshold(const SettingsStore &settings, const QString &key, std::optional<Millis> otherwise)
{
    const auto stored = settings.integer(key);
    if (!stored)
        return otherwise;
    return *stored > 0 ? std::optional(Millis(*stored)) : std::nullopt;
}

} // namespace

AlertRules loadAlertRules(const SettingsStore &settings)
{
    AlertRules rules;
    rules.freshness = settings.flag(freshnessKey).value_or(rules.freshness);
    rules.blockingLongerThan = threshold(settings, blockingKey, rules.blockingLongerThan);
    rules.runwayShorterThan = threshold(settings, runwayKey, rules.runwayShorterThan);
    rules.jobFailed = settings.flag(jobKey).value_or(rules.jobFailed);
    return rules;
}

Status saveAlertRules(SettingsStore &settings, const AlertRules &rules)
{
    TIDEMARK_CHECK(settings.setFlag(freshnessKey, rules.freshness));
    TIDEMARK_CHECK(settings.setInteger(blockingKey, rules.blockingLongerThan.value_or(Millis(0)).count()));
    TIDEMARK_CHECK(settings.setInteger(runwayKey, rules.runwayShorterThan.value_or(Millis(0)).count()));
    return settings.setFlag(jobKey, rules.jobFailed);
}

} // namespace tidemark
