// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/plan/runjson.h"

#include <limits>

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
    return at ? toUtcSeconds(*at) : QString();
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
            array.append(toJson(run));
        context.print({{QStringLiteral("runs"), array}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("run"), TextTable::Align::Right},
                     {QStringLiteral("state")},
                     {QStringLiteral("steps")},
                     {QStringLiteral("started")},
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
    out << "run " << run.record.id << ": " << printable(run.record.title) << '\n'
        << stateText(run.record) << ", confirmed by " << printable(run.record.confirmedBy) << " at "
        << timeText(run.record.createdAt) << '\n';
    if (!run.record.driver.isEmpty())
        out << (run.record.driven ? "driven by " : "last driven by ") << printable(run.record.driver) << '\n';
    if (!run.record.error.isEmpty())
        out << "error: " << printable(run.record.error, Lines::Kept) << '\n';
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
    out << "\njournal\n";
    for (const RunEvent &event : run.events)
        out << timeText(event.at) << "  " << printable(event.kind).leftJustified(9)
            << printable(event.text, Lines::Kept) << '\n';
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
    context.print(toJson(*run));
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
        // The word lets a swap happen; elsewhere the plan's own confirmation is enough.
        if (verb == QLatin1String("proceed") && target.profile.environment == Environment::Production)
            TIDEMARK_CHECK(
                askConsent(context, target, QStringLiteral("Let run %1 go on").arg(id), QString::number(id)));
        TIDEMARK_TRY(pg::Session session, openForChange(target));
        TIDEMARK_CHECK(requestOfRun(session, id, verb, detail));
        audit(context, target, QStringLiteral("%1 run %2").arg(verb).arg(id), QStringLiteral("asked"));
        return {};
    }();
    return asked ? ExitCode::Done : context.fail(asked.error());
}

Verb requestVerb(const char *name, const char *summary, const char *usage = "ID", int mostArguments = 1,
                 const QList<QCommandLineOption> &options = {})
{
    return {QLatin1String(name),
            QLatin1String(summary),
            QString::fromUtf8(usage),
            options,
            [verb = QString(QLatin1String(name))](const Context &context) { return request(context, verb); },
            mostArguments};
}

} // namespace

Verb runsVerb()
{
    return {QStringLiteral("runs"), QStringLiteral("the runs of a database and where each stands"), {}, {}, runs};
}

Verb showVerb()
{
    return {QStringLiteral("show"),
            QStringLiteral("one run: its steps and its journal"),
            QStringLiteral("ID"),
            {},
            show,
            1};
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
    return requestVerb("proceed", "let a run that waits for a word go on", "ID", 1, consentOptions());
}

Verb retuneVerb()
{
    return requestVerb("retune", "change the settings of a run while it goes on", "ID NAME=VALUE …",
                       std::numeric_limits<int>::max());
}

} // namespace tidemark::cli
