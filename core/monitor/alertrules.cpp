// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace tidemark {

namespace {

const auto commonKey = QLatin1String("alerts.common");
const auto ownPrefix = QLatin1String("alerts.of.");

QJsonValue thresholdJson(const std::optional<Millis> &threshold)
{
    return threshold ? QJsonValue(static_cast<qint64>(threshold->count())) : QJsonValue();
}

QString asText(const AlertRules &rules)
{
    const QJsonObject object{{QStringLiteral("freshness"), rules.freshness},
                             {QStringLiteral("blocking_longer_than_ms"), thresholdJson(rules.blockingLongerThan)},
                             {QStringLiteral("runway_shorter_than_ms"), thresholdJson(rules.runwayShorterThan)},
                             {QStringLiteral("job_failed"), rules.jobFailed}};
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

std::optional<AlertRules> rulesOf(const QString &text)
{
    const QJsonObject object = QJsonDocument::fromJson(text.toUtf8()).object();
    if (object.isEmpty())
        return std::nullopt;
    AlertRules rules;
    const auto threshold = [&object](const char *key, std::optional<Millis> otherwise) {
        const QJsonValue value = object.value(QLatin1String(key));
        if (value.isUndefined())
            return otherwise;
        return value.toInteger() > 0 ? std::optional(Millis(value.toInteger())) : std::nullopt;
    };
    rules.freshness = object.value(QLatin1String("freshness")).toBool(rules.freshness);
    rules.blockingLongerThan = threshold("blocking_longer_than_ms", rules.blockingLongerThan);
    rules.runwayShorterThan = threshold("runway_shorter_than_ms", rules.runwayShorterThan);
    rules.jobFailed = object.value(QLatin1String("job_failed")).toBool(rules.jobFailed);
    return rules;
}

} // namespace

const AlertRules &AlertSettings::of(const QString &profile) const
{
    const auto found = own.find(profile);
    return found == own.end() ? common : found->second;
}

AlertSettings loadAlertSettings(const SettingsStore &settings)
{
    AlertSettings loaded;
    const QHash<QString, QString> texts = settings.texts();
    loaded.common = rulesOf(texts.value(commonKey)).value_or(AlertRules());
    for (auto text = texts.cbegin(); text != texts.cend(); ++text) {
        if (!text.key().startsWith(ownPrefix))
            continue;
        if (const auto rules = rulesOf(text.value()))
            loaded.own[text.key().mid(ownPrefix.size())] = *rules;
    }
    return loaded;
}

Status saveAlertSettings(SettingsStore &settings, const AlertSettings &rules)
{
    QHash<QString, QString> texts{{commonKey, asText(rules.common)}};
    for (const auto &[profile, own] : rules.own)
        texts.insert(ownPrefix + profile, asText(own));
    // An empty text is none: what was there before and is no more must not come back.
    for (const auto &[profile, own] : loadAlertSettings(settings).own) {
        if (!rules.own.contains(profile))
            texts.insert(ownPrefix + profile, QString());
    }
    return settings.setTexts(texts);
}

} // namespace tidemark
