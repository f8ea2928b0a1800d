// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runjson.h"

#include <QJsonArray>

namespace tidemark {

namespace {

QJsonValue orNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

QJsonValue orNull(const std::optional<qint64> &number)
{
    return number ? QJsonValue(*number) : QJsonValue();
}

QJsonValue orNull(const std::optional<Instant> &at)
{
    return at ? QJsonValue(toIso8601(*at)) : QJsonValue();
}

template<typename Items>
QJsonArray arrayOf(const Items &items)
{
    QJsonArray array;
    for (const auto &item : items)
        array.append(toJson(item));
    return array;
}

} // namespace

QJsonObject toJson(const RunRecord &run)
{
    return {{QStringLiteral("id"), run.id},
            {QStringLiteral("kind"), run.kind},
            {QStringLiteral("title"), run.title},
            {QStringLiteral("state"), runStateName(run.state)},
            {QStringLiteral("driven"), run.driven},
            {QStringLiteral("driver"), orNull(run.driver)},
            {QStringLiteral("confirmed_by"), run.confirmedBy},
            {QStringLiteral("step"), orNull(run.currentStep)},
            {QStringLiteral("steps_done"), run.stepsDone},
            {QStringLiteral("steps"), run.steps},
            {QStringLiteral("rows_done"), orNull(run.rowsDone)},
            {QStringLiteral("rows_total"), orNull(run.rowsTotal)},
            {QStringLiteral("created_at"), orNull(run.createdAt)},
            {QStringLiteral("started_at"), orNull(run.startedAt)},
            {QStringLiteral("finished_at"), orNull(run.finishedAt)},
            {QStringLiteral("error"), orNull(run.error)}};
}

QJsonObject toJson(const StepRecord &step)
{
    return {{QStringLiteral("step"), step.ordinal},
            {QStringLiteral("name"), step.name},
            {QStringLiteral("title"), step.title},
            {QStringLiteral("state"), stepStateName(step.state)},
            {QStringLiteral("attempts"), step.attempts},
            {QStringLiteral("started_at"), orNull(step.startedAt)},
            {QStringLiteral("finished_at"), orNull(step.finishedAt)},
            {QStringLiteral("rows_done"), orNull(step.rowsDone)},
            {QStringLiteral("rows_total"), orNull(step.rowsTotal)},
            {QStringLiteral("outcome"), step.outcome},
            {QStringLiteral("error"), orNull(step.error)}};
}

QJsonObject toJson(const RunEvent &event)
{
    return {{QStringLiteral("at"), toIso8601(event.at)},
            {QStringLiteral("step"), event.step ? QJsonValue(*event.step) : QJsonValue()},
            {QStringLiteral("event"), event.kind},
            {QStringLiteral("text"), event.text},
            {QStringLiteral("detail"), event.detail}};
}

QJsonObject toJson(const RunDetail &run)
{
    return {{QStringLiteral("run"), toJson(run.record)},
            {QStringLiteral("plan"), run.plan.toJson()},
            {QStringLiteral("settings"), run.settings.toJson()},
            {QStringLiteral("steps"), arrayOf(run.steps)},
            {QStringLiteral("events"), arrayOf(run.events)}};
}

} // namespace tidemark
