// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"
#include "core/plan/run.h"

namespace tidemark::cli {

namespace {

QString stateText(const RunRecord &run)
{
    const QString state = runStateName(run.state);
    const bool shouldBeDriven = run.state == RunState::Running || run.state == RunState::Undoing;
    return shouldBeDriven && !run.driven ? state + QStringLiteral(", not driven") : state;
}

QString rowsText(const std::optional<qint64> &done, const std::optional<qint64> &total)
{
    if (!done)
        return {};
    return total ? QStringLiteral("%1 of %2").arg(units::roughCount(*done), units::roughCount(*total))
                 : units::roughCount(*done);
}

QString timeText(const std::optional<Instant> &at)
{
    return at ? toIso8601(*at).left(19).replace(QLatin1Char('T'), QLatin1Char(' ')) : QString();
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

QJsonObject runJson(const RunRecord &run)
{
    return {{QStringLiteral("id"), run.id},
            {QStringLiteral("kind"), run.kind},
            {QStringLiteral("title"), run.title},
            {QStringLiteral("state"), runStateName(run.state)},
            {QStringLiteral("driven"), run.driven},
            {QStringLiteral("driver"), textOrNull(run.driver)},
            {QStringLiteral("confirmed_by"), run.confirmedBy},
            {QStringLiteral("step"), textOrNull(run.currentStep)},
            {QStringLiteral("steps_done"), run.stepsDone},
            {QStringLiteral("steps"), run.steps},
            {QStringLiteral("rows_done"), jsonOf(run.rowsDone)},
            {QStringLiteral("rows_total"), jsonOf(run.rowsTotal)},
            {QStringLiteral("created_at"), jsonOf(run.createdAt)},
            {QStringLiteral("started_at"), jsonOf(run.startedAt)},
            {QStringLiteral("finished_at"), jsonOf(run.finishedAt)},
            {QStringLiteral("error"), textOrNull(run.error)}};
}

QJsonObject stepJson(const StepRecord &step)
{
    return {{QStringLiteral("step"), step.ordinal},
            {QStringLiteral("name"), step.name},
            {QStringLiteral("title"), step.title},
            {QStringLiteral("state"), stepStateName(step.state)},
            {QStringLiteral("attempts"), step.attempts},
            {QStringLiteral("started_at"), jsonOf(step.startedAt)},
            {QStringLiteral("finished_at"), jsonOf(step.finishedAt)},
            {QStringLiteral("rows_done"), jsonOf(step.rowsDone)},
            {QStringLiteral("rows_total"), jsonOf(step.rowsTotal)},
            {QStringLiteral("outcome"), step.outcome},
            {QStringLiteral("error"), textOrNull(step.error)}};
}

QJsonObject eventJson(const RunEvent &event)
{
    return {{QStringLiteral("at"), toIso8601(event.at)},
            {QStringLiteral("step"), event.step ? QJsonValue(*event.step) : QJsonValue()},
            {QStringLiteral("event"), event.kind},
            {QStringLiteral("text"), event.text},
            {QStringLiteral("detail"), event.detail}};
}

ExitCode runs(const Context &context)
{
    const auto records = [&]() -> Result<std::vector<RunRecord>> {
        TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
        TIDEMARK_TRY(pg::Session session, openForChange(target));
        return readRuns(session);
    }();
    if (!records)
        return context.fail(records.error());
    if (context.json) {
        QJsonArray array;
        for (const RunRecord &run : *records)
            array.append(runJson(run));
        context.print({{QStringLiteral("runs"), array}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("run"), TextTable::Align::Right},
                     {QStringLiteral("state")},
                     {QStringLiteral("steps")},
                     {QStringLiteral("started (UTC)")},
                     {QStringLiteral("title")},
                     {QStringLiteral("step")},
                     {QStringLiteral("rows")}});
    for (const RunRecord &run : *records) {
        table.add({QString::number(run.id), stateText(run), QStringLiteral("%1/%2").arg(run.stepsDone).arg(run.steps),
                   timeText(run.startedAt), run.title, run.currentStep, rowsText(run.rowsDone, run.rowsTotal)});
    }
    if (table.isEmpty())
        context.err << "No runs in this database." << Qt::endl;
    else
        table.print(context.out);
    return ExitCode::Done;
}

void printDetail(QTextStream &out, const RunDetail &run)
{
    out << "run " << run.record.id << ": " << run.record.title << '\n'
        << stateText(run.record) << ", confirmed by " << run.record.confirmedBy << " at "
        << timeText(run.record.createdAt) << " UTC\n";
    if (!run.record.driver.isEmpty())
        out << (run.record.driven ? "driven by " : "last driven by ") << run.record.driver << '\n';
    if (!run.record.error.isEmpty())
        out << "error: " << run.record.error << '\n';
    out << '\n';
    TextTable steps({{QStringLiteral("#"), TextTable::Align::Right},
                     {QStringLiteral("state")},
                     {QStringLiteral("took"), TextTable::Align::Right},
                     {QStringLiteral("rows"), TextTable::Align::Right},
                     {QStringLiteral("step")}});
    for (const StepRecord &step : run.steps) {
        const QString took = step.startedAt && step.finishedAt
                                 ? units::duration(millisBetween(*step.startedAt, *step.finishedAt))
                                 : QString();
        steps.add({QString::number(step.ordinal), stepStateName(step.state), took,
                   rowsText(step.rowsDone, step.rowsTotal), step.title});
    }
    steps.print(out);
    out << "\njournal (UTC)\n";
    for (const RunEvent &event : run.events)
        out << timeText(event.at) << "  " << event.kind.leftJustified(9) << event.text << '\n';
    out.flush();
}

ExitCode show(const Context &context)
{
    const auto run = [&]() -> Result<RunDetail> {
        TIDEMARK_TRY(const qint64 id, runArgument(context));
        TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
        TIDEMARK_TRY(pg::Session session, openForChange(target));
        return readRun(session, id);
    }();
    if (!run)
        return context.fail(run.error());
    if (!context.json) {
        printDetail(context.out, *run);
        return ExitCode::Done;
    }
    QJsonArray steps;
    for (const StepRecord &step : run->steps)
        steps.append(stepJson(step));
    QJsonArray events;
    for (const RunEvent &event : run->events)
        events.append(eventJson(event));
    context.print({{QStringLiteral("run"), runJson(run->record)},
                   {QStringLiteral("plan"), run->plan.toJson()},
                   {QStringLiteral("settings"), run->settings.toJson()},
                   {QStringLiteral("steps"), steps},
                   {QStringLiteral("events"), events}});
    return ExitCode::Done;
}

ExitCode request(const Context &context, const QString &verb)
{
    const auto asked = [&]() -> Status {
        if (context.arguments.isEmpty())
            return runArgument(context).map([](qint64) {});
        TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
        if (target.isNamed && target.profile.safety == Safety::ReadOnly)
            return fail(Error::safety(QStringLiteral("profile %1 is read-only").arg(target.profile.name)));
        Context numbered = context;
        numbered.arguments = context.arguments.first(1);
        TIDEMARK_TRY(const qint64 id, runArgument(numbered));
        TIDEMARK_TRY(const QJsonObject detail, settingsJson(context.arguments.mid(1)));
        TIDEMARK_TRY(pg::Session session, openForChange(target));
        TIDEMARK_CHECK(requestOfRun(session, id, verb, detail));
        audit(context, target, QStringLiteral("%1 run %2").arg(verb).arg(id), QStringLiteral("asked"));
        return {};
    }();
    return asked ? ExitCode::Done : context.fail(asked.error());
}

Verb requestVerb(const char *name, const char *summary, const char *usage = "ID")
{
    return {QLatin1String(name),
            QLatin1String(summary),
            QLatin1String(usage),
            {},
            [verb = QString(QLatin1String(name))](const Context &context) { return request(context, verb); }};
}

} // namespace

Verb runsVerb()
{
    return {QStringLiteral("runs"), QStringLiteral("the runs of a database and where each stands"), {}, {}, runs};
}

Verb showVerb()
{
    return {
        QStringLiteral("show"), QStringLiteral("one run: its steps and its journal"), QStringLiteral("ID"), {}, show};
}

Verb pauseVerb()
{
    return requestVerb("pause", "let a run stop at its next boundary");
}

Verb cancelVerb()
{
    return requestVerb("cancel", "let a run stop now, its statement cancelled");
}

Verb proceedVerb()
{
    return requestVerb("proceed", "let a run that waits for a word go on");
}

Verb retuneVerb()
{
    return requestVerb("retune", "change the settings of a run while it goes on", "ID NAME=VALUE …");
}

} // namespace tidemark::cli
